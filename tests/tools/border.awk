# Prints the headers that are installed, one a line: those of the border (house.awk), and what they
# include (layers.awk complains of each that is not of the border itself).
#   awk -f house.awk -f border.awk HEADER...      with every header of sip/ sdp/ digest/ transport/

BEGIN {
    for (i = 1; i < ARGC; i++) exists[ARGV[i]] = 1
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    needs[FILENAME, ++count[FILENAME]] = resolve(FILENAME, included($0))
}
END {
    for (i = 1; i < ARGC; i++)
        if (is_public(ARGV[i])) install(ARGV[i])
}

function install(path, i) {
    if (path in installed) return
    installed[path] = 1
    for (i = 1; i <= count[path]; i++) install(needs[path, i])
    print path
}
