# Joins the sources into two files for vendoring: plainsip.h (the public headers, each once, in the
# order in which they need each other) and plainsip.c (the rest).
#   awk -v version=V -v commit=C -v out=DIR -f house.awk -f names.awk -f amalgamate.awk FILE...
# with every .c and .h of sip/ sdp/ digest/ transport/.
#
# - `#line` leads from every line back to its source.
# - What a private header declares becomes static (PS_INTERNAL): one that stands neither on the border
#   (house.awk) nor is included from there. What a public one declares becomes PS_API: static, too,
#   with PS_STATIC.
# - A static function, a name that two files use, and a variable that another file would shadow get
#   their file's name appended; a macro of a .c file ends with it.
# - Parts are fenced: PS_WITHOUT_{SDP,DIGEST,TRANSACTIONS,STACK}, and of Digest PS_WITHOUT_{SHA256,
#   SHA512_256,DIGEST_SERVER}; transport/ needs PS_WITH_TRANSPORT, and its feature macros
#   (_GNU_SOURCE) move to the top.
# Knows includes, names and lines; runs no preprocessor.

BEGIN {
    LOCAL = "^[ \t]*#[ \t]*include[ \t]*\""
    for (i = 1; i < ARGC; i++) exists[ARGV[i]] = 1
}

FNR == 1 {
    files[++file_count] = FILENAME
    in_comment = 0
}
{
    line[FILENAME, FNR] = $0
    lines[FILENAME] = FNR
    if ($0 ~ /^#define[ \t]+_[A-Z_]+SOURCE/) {
        feature[$2] = $3
        line[FILENAME, FNR] = ""
    }
    clean = bare($0)
    words_of(clean, FILENAME)
    # directives are no declarations; nor are their continuations
    if (!directive && clean !~ /^[ \t]*#/) text[FILENAME] = text[FILENAME] clean "\n"
    directive = (directive || clean ~ /^[ \t]*#/) && $0 ~ /\\$/
}

END {
    if (!file_count) die("no files")
    for (i = 1; i <= file_count; i++)
        if (is_public(files[i])) publish(files[i])
    find_names()
    out_file = out "/plainsip.h"
    header()
    out_file = out "/plainsip.c"
    source()
    exit failed
}

function die(why) {
    print "amalgamation: " why > "/dev/stderr"
    failed = 1
    exit 1
}

# Headers of the border, and what they include.
function publish(path, i) {
    if (path in published) return
    published[path] = 1
    for (i = 1; i <= lines[path]; i++)
        if (line[path, i] ~ LOCAL) publish(resolve(path, included(line[path, i])))
}

function is_internal(path) { return is_header(path) && !(path in published) }

# ---- names ----

# Every word of a line of code, so that it is known which files would shadow a variable.
function words_of(clean, path, n, i, w) {
    gsub(/[^A-Za-z_0-9]+/, " ", clean)
    n = split(clean, w, " ")
    for (i = 1; i <= n; i++)
        if (!((path, w[i]) in used)) {
            used[path, w[i]] = 1
            if (path ~ /\.c$/) users[w[i]]++
        }
}

function suffix(path) {
    sub(/\.[ch]$/, "", path)
    gsub(/[^A-Za-z0-9]/, "_", path)
    return "_" path
}

# Which names are defined where: internal functions, and what two .c files must not share.
function find_names(i, path, name, found) {
    for (i = 1; i <= file_count; i++) {
        path = files[i]
        split("", found)
        names_of(text[path], found)
        for (name in found) {
            if (is_header(path) && !is_internal(path)) {
                if (found[name] == "function") public_functions[name] = "function"
                if (found[name] == "variable") public_variables[name] = "variable"
            }
            if (is_internal(path) && (found[name] == "function" || found[name] == "variable"))
                internal[name] = found[name]
            if (path ~ /\.c$/ && name !~ /^(ps_|PS_)/) {
                owners[name]++
                kind[path, name] = found[name]
            }
        }
    }
    for (key in kind) {
        split(key, pair, SUBSEP)
        if (pair[2] == "_Static_assert") continue
        if (kind[key] == "function" || owners[pair[2]] > 1 || (kind[key] == "variable" && users[pair[2]] > 1))
            renamed[key] = 1
    }
}

# Is a member declared here by a name that stands before `s`?
function is_member(before, s) {
    if (before ~ /\(\*$/) return s ~ /^\)/
    return s ~ /^;/ && before ~ /[A-Za-z_0-9*] *$/ && before !~ /return $/
}

# The line with this file's names made its own; members (after . or ->, or declared) stay.
function rename(path, s, done, before, w) {
    done = ""
    while (match(s, /[A-Za-z_][A-Za-z_0-9]*|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//)) {
        before = done substr(s, 1, RSTART - 1)
        w = substr(s, RSTART, RLENGTH)
        s = substr(s, RSTART + RLENGTH)
        if (w == "//" || w == "/*") return before w s
        if (((path, w) in renamed) && before !~ /(\.|->)[ \t]*$/ &&
            !(kind[path, w] == "function" && is_member(before, s))) w = w suffix(path)
        done = before w
    }
    return done s
}

# Is this the line on which the declaration or definition of one of these functions or tables starts?
function starts(path, i, names, s, next_line, name) {
    s = line[path, i]
    if (s !~ /^[A-Za-z_]/ || s ~ /^(static|typedef|return|PS_[A-Z_]*INLINE)/) return 0
    next_line = line[path, i + 1]
    if (s !~ /[(=;]/ && next_line ~ /^[A-Za-z_]/) s = s " " next_line
    sub(/^[A-Za-z_0-9]+/, "", s) # a type stands before the name
    while (match(s, /[A-Za-z_][A-Za-z_0-9]*/)) {
        name = substr(s, RSTART, RLENGTH)
        s = substr(s, RSTART + RLENGTH)
        if ((name in names) && (names[name] != "function" || s ~ /^\(/)) return 1
        if (s ~ /^ *[=(]/) return 0
    }
    return 0
}

# ---- writing ----

function emit(s) {
    print s > out_file
    written[out_file]++
}

function emit_here() { emit("#line " (written[out_file] + 2) " \"" base_name(out_file) "\"") }
function base_name(path) { sub(/^.*\//, "", path); return path }

function banner(what) {
    emit("/*")
    emit(" * plainsip " version " (" commit "): " what)
    emit(" * Made from the sources by `make amalgamation`: change those, not this. #line leads to them.")
    emit(" *")
    emit(" * PS_CONFIG_FILE=\"my_limits.h\"  a file of ours that sets limits, read before their defaults")
    emit(" * PS_STATIC                     all of it static, for the file that includes plainsip.c")
    emit(" * PS_WITH_TRANSPORT             with the event loop and UDP for Linux")
    emit(" * PS_WITHOUT_SDP                without session descriptions")
    emit(" * PS_WITHOUT_STACK              without dialogs and all that stands on them")
    emit(" * PS_WITHOUT_DIGEST             without Digest; so without the stack, too")
    emit(" * PS_WITHOUT_TRANSACTIONS       without transactions; so without the stack, too")
    emit(" * The first three leave the parser and writer, transactions and Digest; all four the parser")
    emit(" * and writer alone. Of Digest:")
    emit(" * PS_WITHOUT_SHA256             without SHA-256")
    emit(" * PS_WITHOUT_SHA512_256         without SHA-512/256")
    emit(" * PS_WITHOUT_DIGEST_SERVER      without the server: asks nobody for credentials")
    emit(" * The same settings for whoever includes plainsip.h.")
    emit(" *")
    license()
    emit(" */")
}

function license(l) {
    while ((getline l < "LICENSE") > 0) emit(l == "" ? " *" : " * " l)
    close("LICENSE")
}

function fence(path, p) {
    p = part(path)
    if (p == "") return ""
    return p == "TRANSPORT" ? "#ifdef PS_WITH_TRANSPORT" : "#ifndef PS_WITHOUT_" p
}

function copy(path, i, s, macro, f) {
    f = fence(path)
    if (f != "") emit(f)
    emit("#line 1 \"" path "\"")
    in_comment = 0
    for (i = 1; i <= lines[path]; i++) {
        s = line[path, i]
        if (s ~ LOCAL) s = ""
        else if (!in_comment && starts(path, i, internal)) {
            sub(/^extern /, "", s)
            s = "PS_INTERNAL " s
        } else if (!in_comment && is_header(path) && starts(path, i, public_functions))
            s = "PS_API " s
        else if (!in_comment && starts(path, i, public_variables) && !sub(/^extern /, "PS_API_EXTERN ", s))
            s = "PS_API " s
        if (is_internal(path)) {
            sub(/^static inline /, "PS_INTERNAL_INLINE ", s)
            sub(/^PS_ALWAYS_INLINE /, "PS_ALWAYS_INLINE PS_MAY_BE_UNUSED ", s)
        }
        if (!in_comment && path ~ /\.c$/) s = rename(path, s)
        bare(line[path, i])
        emit(s)
        if (path ~ /\.c$/ && s ~ /^[ \t]*#[ \t]*define[ \t]/) {
            macro = s
            sub(/^[ \t]*#[ \t]*define[ \t]+/, "", macro)
            match(macro, /^[A-Za-z_0-9]+/)
            undefine[path] = undefine[path] "\n#undef " substr(macro, 1, RLENGTH)
        }
    }
    emit_here()
    if (undefine[path] != "") {
        n_undef = split(substr(undefine[path], 2), undef_lines, "\n")
        for (i = 1; i <= n_undef; i++) emit(undef_lines[i])
    }
    if (f != "") emit("#endif")
}

# A header after those that it needs. `depth` bounds a circle of includes.
function with_needs(path, wanted_public, depth, i, name, needed) {
    if (path in copied) return
    if (depth > 50) die("headers include each other in a circle: " path)
    for (i = 1; i <= lines[path]; i++)
        if (line[path, i] ~ LOCAL) {
            name = included(line[path, i])
            needed = resolve(path, name)
            if (!(needed in exists)) die(path ": no such file: " name)
            if (needed ~ /\.c$/) die(path ": includes a .c file")
            if ((needed in published) == wanted_public) with_needs(needed, wanted_public, depth + 1)
        }
    copied[path] = 1
    copy(path)
}

function header(i) {
    banner("a SIP stack in C11, its header")
    emit("#ifndef PS_PLAINSIP_H")
    emit("#define PS_PLAINSIP_H")
    emit("#if (defined PS_WITHOUT_TRANSACTIONS || defined PS_WITHOUT_DIGEST) && !defined PS_WITHOUT_STACK")
    emit("#define PS_WITHOUT_STACK")
    emit("#endif")
    emit("#ifdef PS_WITHOUT_DIGEST /* nor any of its parts */")
    emit("#undef PS_WITHOUT_SHA256")
    emit("#undef PS_WITHOUT_SHA512_256")
    emit("#undef PS_WITHOUT_DIGEST_SERVER")
    emit("#define PS_WITHOUT_SHA256")
    emit("#define PS_WITHOUT_SHA512_256")
    emit("#define PS_WITHOUT_DIGEST_SERVER")
    emit("#endif")
    emit("#if defined PS_WITH_TRANSPORT && defined PS_WITHOUT_STACK")
    emit("#error \"PS_WITH_TRANSPORT: the event loop runs a whole stack\"")
    emit("#endif")
    emit("#ifdef __GNUC__")
    emit("#define PS_MAY_BE_UNUSED __attribute__((unused))")
    emit("#else")
    emit("#define PS_MAY_BE_UNUSED")
    emit("#endif")
    emit("#ifdef PS_STATIC")
    emit("#define PS_API static PS_MAY_BE_UNUSED")
    emit("#define PS_API_EXTERN PS_API")
    emit("#else")
    emit("#define PS_API")
    emit("#define PS_API_EXTERN extern")
    emit("#endif")
    for (i = 1; i <= file_count; i++)
        if (files[i] in published) with_needs(files[i], 1, 0)
    emit("#endif")
}

function source(i, name) {
    banner("a SIP stack in C11")
    emit("#ifdef PS_WITH_TRANSPORT")
    for (name in feature) {
        emit("#ifndef " name)
        emit("#define " name (feature[name] == "" ? "" : " " feature[name]))
        emit("#endif")
    }
    emit("#endif")
    emit("#include \"plainsip.h\"")
    emit("#define PS_INTERNAL_INLINE static inline PS_MAY_BE_UNUSED")
    emit("#ifndef PS_INTERNAL /* defined as nothing by tests of the inside */")
    emit("#define PS_INTERNAL static PS_MAY_BE_UNUSED")
    emit("#endif")
    # in reading order: the codecs that stand alone, sip/ from the ground up, transport/
    sources_of("digest")
    sources_of("sdp")
    for (r = 1; r in rooms; r++) sources_of("sip/" rooms[r])
    sources_of("transport")
    for (i = 1; i <= file_count; i++)
        if (files[i] ~ /\.c$/ && !(files[i] in copied)) die(files[i] " stands in no room")
}

function sources_of(dir, i) {
    for (i = 1; i <= file_count; i++)
        if (files[i] ~ /\.c$/ && index(files[i], dir "/") == 1) with_needs(files[i], 0, 0)
}
