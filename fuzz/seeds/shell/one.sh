A=1 apt-get update && (curl "$U" | sh -s -- ${X:-y}) > log 2>&1 <<EOF
body
EOF
case $a in b|c) d `e`;; esac
