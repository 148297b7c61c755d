# Public headers: each is a section; its comments are prose, its declarations stand as they are. Guards,
# includes, bodies of inline functions and what is for C++ alone are left out.

FNR == 1 {
    end_block()
    printf ".SH %s\n", toupper(FILENAME)
    in_comment = cpp = depth = body = 0
}

function flush_line() {
    if (held) verbatim(line)
    held = 0
}

function end_block() {
    flush_line()
    end_verbatim()
    end_prose()
}

function comment_line(s, last) {
    last = s ~ /\*\//
    sub(/[ \t]*\*\/.*$/, "", s)
    if (s == "" && !last) end_prose()
    else if (s ~ /^   /) { # a table or an example in a comment
        end_prose()
        verbatim(s)
    } else if (s != "") {
        end_verbatim()
        prose(roff(s))
    }
    if (last) {
        in_comment = 0
        end_block()
    }
}

/^\/\* clang-format (on|off) \*\/$/ { next }
!in_comment && /^\/\* ---- .* ---- \*\/$/ {
    end_block()
    gsub(/^\/\* ---- | ---- \*\/$/, "")
    print ".SS " roff($0)
    next
}
# a comment at the left edge is prose
!in_comment && !body && /^\/\*/ {
    end_block()
    in_comment = 1
    sub(/^\/\*[ \t]*/, "")
    comment_line($0)
    next
}
in_comment {
    if ($0 !~ /^[ \t]*\*\//) sub(/^[ \t]*\*?( |$)/, "")
    comment_line($0)
    next
}
/^#ifdef __cplusplus/ { cpp = 1 }
cpp {
    if (/^#endif/) cpp = 0
    next
}
# the guard is the first condition of a file
/^#if/ && ++depth == 1 { next }
depth == 1 && /^#define PS_[A-Z0-9_]*_H$/ { next }
/^#endif/ && !--depth { next }
/^#include/ { next }
/^\{/ {
    body = 1
    line = line ";"
    next
}
body {
    if (/^\}/) body = 0
    next
}
/^$/ {
    end_block()
    next
}
{
    flush_line()
    line = $0
    held = 1
}
END { end_block() }
