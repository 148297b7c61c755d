# One help text: prose is filled; usage, tables of options and examples stand as they are.

/^usage: / {
    verbatim($0)
    usage = 1
    next
}
usage && /^ / {
    verbatim($0)
    next
}
/^$/ {
    end_verbatim()
    end_prose()
    usage = 0
    next
}
/^  / {
    end_prose()
    verbatim($0)
    next
}
{
    end_verbatim()
    prose(roff($0))
}
END { end_verbatim() }
