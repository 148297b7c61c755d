# names_of(text, found): the names that a piece of C brings into file scope, as found[name] = kind,
# one of tag, enumerator, typedef, function, variable. The text is free of comments and directives
# (bare() and the preprocessor see to that). A reader of declarations, not a parser: bodies, members
# and parameters are skipped by counting brackets.

function is_word(s) { return s ~ /^[A-Za-z_][A-Za-z_0-9]*$/ }

# One line without comments, strings emptied; remembers an open comment in `in_comment`.
function bare(line, out, at) {
    out = ""
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            if (!at) return out
            line = substr(line, at + 2)
            in_comment = 0
            out = out " "
        } else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) {
            at = substr(line, RSTART, 2)
            out = out substr(line, 1, RSTART - 1)
            if (at == "//") return out
            if (at == "/*") in_comment = 1
            else out = out (at ~ /^"/ ? "\"\"" : "0")
            line = substr(line, RSTART + (at == "/*" ? 2 : RLENGTH))
        } else {
            out = out line
            line = ""
        }
    }
    return out
}

function names_of(text, found, n, i, t) {
    gsub(/extern ""[ \t\n]*\{/, "", text) # for C++; its closing bracket closes nothing, below
    gsub(/extern ""/, "", text)
    gsub(/__attribute__ *\(\([^()]*(\([^()]*\))?[^()]*\)\)/, "", text)
    gsub(/[][{}()<>;,=*&|^~!?:+\/%.-]/, " & ", text)
    n = split(text, t, /[ \t\n]+/)
    nm_depth = nm_enum = nm_expect = 0
    nm_last = ""
    nm_start()
    for (i = 1; i <= n; i++)
        if (t[i] != "") {
            nm_read(t[i], found)
            nm_last = t[i]
        }
}

function nm_start() { nm_in_enum = nm_typedef = nm_parameters = nm_value = nm_after_tag = 0 }

function nm_read(s, found) {
    if (s == "{") {
        if (++nm_depth == 1 && nm_in_enum && !nm_parameters) nm_enum = nm_expect = 1
    } else if (s == "}") {
        if (nm_depth == 1) {
            nm_enum = 0
            if (nm_parameters && !nm_value) nm_start() # the body of a function
        }
        if (nm_depth) nm_depth--
    } else if (s == "(" || s == "[") {
        if (nm_depth == 0 && is_word(nm_last) && !nm_parameters && !nm_typedef && !nm_value) {
            if (s == "(") nm_parameters = 1
            nm_add(found, s == "(" ? "function" : "variable")
            if (s == "[") nm_value = 1
        }
        nm_depth++
    } else if (s == ")" || s == "]") nm_depth--
    else if (nm_depth == 0) nm_at_file_scope(s, found)
    else if (nm_depth == 1 && nm_enum) {
        if (nm_expect && is_word(s)) found[s] = "enumerator"
        nm_expect = s == ","
    } else if (nm_typedef == 1 && nm_depth == 1 && nm_last == "*" && is_word(s)) { # (*name)(...)
        found[s] = "typedef"
        nm_typedef = 2
    }
}

function nm_add(found, kind) {
    if (is_word(nm_last) && !nm_after_tag) found[nm_last] = kind
}

function nm_at_file_scope(s, found) {
    if (s == ";" || s == "=" || s == ",") {
        if (nm_typedef == 1) nm_add(found, "typedef")
        else if (!nm_typedef && !nm_parameters && !nm_value) nm_add(found, "variable")
        nm_value = s == "=" || (nm_value && s != ";")
        if (s == ";") nm_start()
        return
    }
    nm_after_tag = nm_last == "struct" || nm_last == "union" || nm_last == "enum"
    if (nm_after_tag && is_word(s)) {
        if (!(s in found)) found[s] = "tag" # struct x beside the function x(): what links counts
    }
    else if (s == "typedef") nm_typedef = 1
    else if (s == "enum") nm_in_enum = 1
    else if (s == "struct" || s == "union") nm_in_enum = 0
}
