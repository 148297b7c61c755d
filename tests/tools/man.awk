# Writing for man(7), shared by man_help.awk and man_headers.awk.

# Text as roff takes it: a backslash is one, a line's first dot or quote is text, a hyphen in code is
# the one of the keyboard.
function roff(s, code) {
    gsub(/\\/, "\\e", s)
    if (code) gsub(/-/, "\\-", s)
    gsub(/·/, "\\(pc", s)
    gsub(/→/, "\\(->", s)
    if (s ~ /^[.']/) s = "\\&" s
    return s
}

# A paragraph, filled. Words of options keep their hyphens.
function prose(s) {
    if (!in_prose) print ".PP"
    in_prose = 1
    gsub(/--/, "\\-\\-", s)
    print s
}

# A line as it stands.
function verbatim(s) {
    if (!in_verbatim) print ".PP\n.nf"
    in_verbatim = 1
    print roff(s, 1)
}

function end_verbatim() {
    if (in_verbatim) print ".fi"
    in_verbatim = 0
}

function end_prose() { in_prose = 0 }
