# Prints the names that our headers bring into a program's file scope: tags, enumerators, typedefs,
# functions. Input: preprocessed C (cc -E) with line marks; text from system headers is passed over.
# A reader of declarations, not a parser: bodies, members and parameters are skipped by counting
# brackets.

/^# [0-9]+ "/ {
    file = $3
    gsub(/"/, "", file)
    ours = file ~ /^(\.\/)?(sip|sdp|digest|transport)\//
    next
}
ours { text = text " " $0 }

END {
    gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
    gsub(/'([^'\\]|\\.)*'/, "0", text)
    gsub(/__attribute__ *\(\([^()]*(\([^()]*\))?[^()]*\)\)/, "", text)
    gsub(/[][{}()<>;,=*&|^~!?:+\/%.-]/, " & ", text)
    n = split(text, t, /[ \t]+/)
    for (i = 1; i <= n; i++) read(t[i])
}

function word(s) { return s ~ /^[A-Za-z_][A-Za-z_0-9]*$/ }

# depth: brackets open; enum_depth: the depth of an enumerator list at file scope, else 0
function read(s) {
    if (s == "") return
    if (s == "{") {
        depth++
        if (depth == 1 && in_enum && !parameters) { enum_depth = 1; expect = 1 }
    } else if (s == "}") {
        if (depth == 1) {
            enum_depth = 0
            closed = !has_equals && parameters
            if (closed) start() # the body of a function
        }
        depth--
    } else if (s == "(" || s == "[") {
        if (s == "(" && depth == 0 && word(last) && !parameters && !is_typedef) {
            print last
            parameters = 1
        }
        depth++
    } else if (s == ")" || s == "]") depth--
    else if (depth == 0) at_file_scope(s)
    else if (depth == 1 && enum_depth) {
        if (expect && word(s)) { print s; expect = 0 }
        if (s == ",") expect = 1
    } else if (is_typedef == 1 && depth == 1 && last == "*" && word(s)) { # (*name)(...)
        print s
        is_typedef = 2
    }
    last = s
}

function start() { in_enum = is_typedef = parameters = has_equals = 0 }

function at_file_scope(s) {
    if (s == ";") {
        if (is_typedef == 1 && word(last)) print last
        start()
    } else if (s == "typedef") is_typedef = 1
    else if (s == "enum") in_enum = 1
    else if (s == "struct" || s == "union") in_enum = 0
    else if (s == "=") has_equals = 1
    else if ((last == "struct" || last == "union" || last == "enum") && word(s)) print s
}
