# The layouts behind the names of plainsip.h, from `readelf --debug-dump=info` of a file that includes
# it: a line for each structure and its members (offset, size, type) and for each enumerator. What does
# not start with ps_ or PS_ is not ours. Follows nested structures without a name by their members.

function value(s) { # of an attribute
    sub(/^[^:]*: */, "", s)
    sub(/^\(.*\): */, "", s)
    sub(/[ \t]+$/, "", s)
    return s
}

/^ *<[0-9a-f]+><[0-9a-f]+>: Abbrev Number: 0/ { next }
/^ *<[0-9a-f]+><[0-9a-f]+>: Abbrev Number:/ {
    split($1, at, /[<>]+/)
    level = at[2]
    id = at[3]
    sub(/:.*/, "", id)
    tag[id] = $NF
    gsub(/[()]|DW_TAG_/, "", tag[id])
    above[level] = id
    if (level > 0) {
        parent = above[level - 1]
        child[parent, ++children[parent]] = id
    }
    if (level == 1) top[++tops] = id
    next
}
/DW_AT_name / { name[id] = value($0) }
/DW_AT_byte_size / { size[id] = value($0) }
/DW_AT_data_member_location/ { place[id] = value($0) + 0 }
/DW_AT_data_bit_offset/ { bit[id] = value($0) + 0 }
/DW_AT_bit_size/ { bits[id] = value($0) }
/DW_AT_const_value/ { constant[id] = value($0) }
/DW_AT_upper_bound/ { bound[id] = value($0) + 1 }
/DW_AT_type / {
    type[id] = value($0)
    gsub(/<0x|>/, "", type[id])
}

function short(t) { sub(/_type$/, "", t); sub(/structure/, "struct", t); sub(/enumeration/, "enum", t); return t }

# A type in words: a pointer's target by its name alone.
function in_words(t, i, s) {
    if (t == "") return "void"
    if (tag[t] == "pointer_type") return in_words(type[t]) "*"
    if (tag[t] == "const_type") return "const " in_words(type[t])
    if (tag[t] == "subroutine_type") {
        s = in_words(type[t]) "("
        for (i = 1; i <= children[t]; i++)
            s = s (i > 1 ? "," : "") in_words(type[child[t, i]])
        return s ")"
    }
    if (tag[t] == "array_type") {
        s = in_words(type[t])
        for (i = 1; i <= children[t]; i++)
            s = s "[" bound[child[t, i]] "]"
        return s
    }
    s = short(tag[t])
    s = s == "struct" || s == "enum" || s == "union" ? s " " : ""
    return s (name[t] == "" ? "-" : name[t])
}

function members(t, prefix, offset, i, m, at) {
    for (i = 1; i <= children[t]; i++) {
        m = child[t, i]
        if (tag[m] != "member") continue
        at = offset + place[m]
        if ((tag[type[m]] ~ /structure|union/) && name[type[m]] == "") {
            members(type[m], prefix (name[m] == "" ? "" : name[m] "."), at)
            continue
        }
        printf "%s%s at %s %s\n", prefix, name[m],
            (m in bits) ? "bit " (8 * at + bit[m]) " of " bits[m] : at, in_words(type[m])
    }
}

END {
    for (i = 1; i <= tops; i++) {
        t = top[i]
        if (tag[t] ~ /^(structure|union)_type$/ && name[t] ~ /^ps_/ && children[t]) {
            printf "%s %s bytes %s\n", short(tag[t]), name[t], size[t]
            members(t, short(tag[t]) " " name[t] ".", 0)
        } else if (tag[t] == "typedef" && name[t] ~ /^ps_/)
            printf "typedef %s %s\n", name[t], in_words(type[t])
        else if (tag[t] == "enumeration_type")
            for (k = 1; k <= children[t]; k++)
                if (name[child[t, k]] ~ /^PS_/)
                    printf "enum %s %s = %s\n", name[t] == "" ? "-" : name[t], name[child[t, k]],
                        constant[child[t, k]]
    }
}
