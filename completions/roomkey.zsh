#compdef roomkey

autoload -U is-at-least

_roomkey() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_roomkey_commands" \
"*::: :->roomkey" \
&& ret=0
    case $state in
    (roomkey)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:roomkey-command-$line[1]:"
        case $line[1] in
            (issue)
_arguments "${_arguments_options[@]}" : \
'*-r+[\`101\`, \`101,102\` or \`101-105\`; may be repeated]:ROOM:_default' \
'*--room=[\`101\`, \`101,102\` or \`101-105\`; may be repeated]:ROOM:_default' \
'*-g+[E-mail, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`, see \`roomkey help guests\`. May be repeated]:GUEST:_default' \
'*--guest=[E-mail, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`, see \`roomkey help guests\`. May be repeated]:GUEST:_default' \
'--from=[From when; without it, from now. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[Until when\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[For so many nights, until the check-out hour]:N:_default' \
'--nights=[For so many nights, until the check-out hour]:N:_default' \
'*--also=[A common door besides, such as the gym; may be repeated]:DOOR:_default' \
'--label=[The text on the key in the app, such as "Room %ROOMNUM%"]:TEXT:_default' \
'--format=[\`rfid48\`, or \`TLCode\` for more doors than that holds]:FORMAT:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--replace[Live keys in the way may be replaced]' \
'--require-phone[Refuse where no phone of the guest is ready to take the key]' \
'--dry-run[Show the steps; change nothing]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(return-guest)
_arguments "${_arguments_options[@]}" : \
'-g+[E-mail, phone number, full name or id of a guest on record]:GUEST:_default' \
'--guest=[E-mail, phone number, full name or id of a guest on record]:GUEST:_default' \
'*-r+[\`101\`, \`101,102\` or \`101-105\`; may be repeated]:ROOM:_default' \
'*--room=[\`101\`, \`101,102\` or \`101-105\`; may be repeated]:ROOM:_default' \
'--from=[From when; without it, from now. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[Until when\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[For so many nights, until the check-out hour]:N:_default' \
'--nights=[For so many nights, until the check-out hour]:N:_default' \
'*--also=[A common door besides, such as the gym; may be repeated]:DOOR:_default' \
'--label=[The text on the key in the app, such as "Room %ROOMNUM%"]:TEXT:_default' \
'--format=[\`rfid48\`, or \`TLCode\` for more doors than that holds]:FORMAT:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--replace[Live keys in the way may be replaced]' \
'--require-phone[Refuse where no phone of the guest is ready to take the key]' \
'--dry-run[Show the steps; change nothing]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(join)
_arguments "${_arguments_options[@]}" : \
'*-g+[E-mail, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`, see \`roomkey help guests\`. May be repeated]:GUEST:_default' \
'*--guest=[E-mail, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`, see \`roomkey help guests\`. May be repeated]:GUEST:_default' \
'*--to=[A key to join, by id\: a mobile key, one phone'\''s copy of it, or a plastic card; may be repeated]:KEY:_default' \
'*-r+[Join the live keys of these rooms; with \`--to\`, only these rooms of theirs]:ROOM:_default' \
'*--room=[Join the live keys of these rooms; with \`--to\`, only these rooms of theirs]:ROOM:_default' \
'--from=[From when; without it, from now. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[Until when\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[For so many nights, until the check-out hour]:N:_default' \
'--nights=[For so many nights, until the check-out hour]:N:_default' \
'*--also=[A common door besides, such as the gym; may be repeated]:DOOR:_default' \
'--label=[The text on the key in the app, such as "Room %ROOMNUM%"]:TEXT:_default' \
'--format=[\`rfid48\`, or \`TLCode\` for more doors than that holds]:FORMAT:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--replace[Live keys in the way may be replaced]' \
'--require-phone[Refuse where no phone of the guest is ready to take the key]' \
'--dry-run[Show the steps; change nothing]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(update)
_arguments "${_arguments_options[@]}" : \
'(-g --guest -r --room)--key=[The key, by id]:KEY:_default' \
'-g+[The guest whose key it is]:GUEST:_default' \
'--guest=[The guest whose key it is]:GUEST:_default' \
'-r+[Which of the guest'\''s keys, by one of its rooms]:ROOM:_default' \
'--room=[Which of the guest'\''s keys, by one of its rooms]:ROOM:_default' \
'*--rooms=[All rooms of the key from now on]:ROOMS:_default' \
'*--also=[A common door besides those that the key opens; may be repeated]:DOOR:_default' \
'*--without=[A common door that the key no longer opens; may be repeated]:DOOR:_default' \
'--label=[The text on the key in the app]:TEXT:_default' \
'--format=[\`rfid48\`, or \`TLCode\` for more doors than that holds]:FORMAT:_default' \
'--from=[From when; without it, from now. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[Until when\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[For so many nights, until the check-out hour]:N:_default' \
'--nights=[For so many nights, until the check-out hour]:N:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--replace[Other mobile keys of the guest may be replaced]' \
'--require-phone[Refuse where no phone of the guest is ready to take the key]' \
'--dry-run[Show the steps; change nothing]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(revoke)
_arguments "${_arguments_options[@]}" : \
'(-g --guest -r --room)*--key=[A key, by id; may be repeated]:KEY:_default' \
'-g+[All live keys of this guest; with \`--room\`, only those to these rooms]:GUEST:_default' \
'--guest=[All live keys of this guest; with \`--room\`, only those to these rooms]:GUEST:_default' \
'*-r+[The keys of the stay that is in these rooms now]:ROOM:_default' \
'*--room=[The keys of the stay that is in these rooms now]:ROOM:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'(-g --guest)--all[With \`--room\`\: everybody'\''s keys, also those of stays that begin later]' \
'--this-phone-only[With one phone'\''s copy as \`--key\`\: only that copy]' \
'--dry-run[Show the steps; change nothing]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(batch)
_arguments "${_arguments_options[@]}" : \
'--format=[\`csv\`, \`jsonl\` or \`fias\`; without it, as the name or the first line tells]:FORMAT:_default' \
'--date-format=[How 03/04/2026 is meant\: \`dmy\`, \`mdy\` or \`ymd\`]:ORDER:_default' \
'-j+[Requests in flight]:N:_default' \
'--jobs=[Requests in flight]:N:_default' \
'-o+[Where the results go \[default\: beside FILE, such as arrivals.result.csv; none for \`-\`\]]:FILE:_files' \
'--out=[Where the results go \[default\: beside FILE, such as arrivals.result.csv; none for \`-\`\]]:FILE:_files' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--skip-bad[Go on without the rows that cannot be carried out]' \
'--replace[Live keys in the way may be replaced]' \
'--require-phone[Refuse guests of whom no phone is ready to take the key]' \
'--same-room-same-stay[Rows without a reservation number that name the same room at the same time are one stay\: the first gets the first key, the others join it. For lists without numbers, such as OPERA'\''s arrivals export]' \
'--again[Carry out rows again that an earlier run of the file has done]' \
'--overwrite[Replace the result file also where it was not written by roomkey; \`--yes\` does not stand for this]' \
'--dry-run[Show what would be done; change nothing]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- CSV, JSON lines or FIAS key records; `-` for standard input:_files' \
&& ret=0
;;
(keys)
_arguments "${_arguments_options[@]}" : \
'*-r+[Keys to these rooms; may be repeated]:ROOM:_default' \
'*--room=[Keys to these rooms; may be repeated]:ROOM:_default' \
'-g+[This guest'\''s keys]:GUEST:_default' \
'--guest=[This guest'\''s keys]:GUEST:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--ids[Show the ids of the keys and of their copies on phones instead of times and doors]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(rooms)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(guests)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::text -- Part of a name, e-mail or phone number, or a reservation such as `res\:4711`; without it, everybody:_default' \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(recover)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'(--undo --close)--all[Finish everything that is unfinished]' \
'(--close)--undo[Take back what it made; what it took away cannot be brought back]' \
'--close[Put it away and touch nothing]' \
'--replace[Go on although others have changed the room or the guest since]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::operation -- The operation\: the id that messages print, or the full one:_default' \
&& ret=0
;;
(history)
_arguments "${_arguments_options[@]}" : \
'-r+[Only about this room]:ROOM:_default' \
'--room=[Only about this room]:ROOM:_default' \
'-g+[Only about this guest]:GUEST:_default' \
'--guest=[Only about this guest]:GUEST:_default' \
'--since=[Only since then]:WHEN:_default' \
'--limit=[At most so many; 0 for all]:N:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_roomkey__subcmd__history_commands" \
"*::: :->history" \
&& ret=0

    case $state in
    (history)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:roomkey-history-command-$line[1]:"
        case $line[1] in
            (expire)
_arguments "${_arguments_options[@]}" : \
'--older-than=[What ended longer ago than so many days, such as \`400d\`]:DAYS:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(sandbox)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_roomkey__subcmd__sandbox_commands" \
"*::: :->sandbox" \
&& ret=0

    case $state in
    (sandbox)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:roomkey-sandbox-command-$line[1]:"
        case $line[1] in
            (serve)
_arguments "${_arguments_options[@]}" : \
'-p+[The port on this machine; 0 for any that is free]:PORT:_default' \
'--port=[The port on this machine; 0 for any that is free]:PORT:_default' \
'--rooms=[Guest rooms, on floors of twenty]:ROOMS:_default' \
'--latency=[Milliseconds added to every answer]:MS:_default' \
'--seed=[The same seed gives the same ids]:SEED:_default' \
'--hotel-zone=[The hotel'\''s own time zone]:ZONE:_default' \
'--sync=[Milliseconds that the lock system takes to follow]:MS:_default' \
'--api-key=[The hotel'\''s API key; without it a random one, which stays the same while the state is kept]:KEY:_default' \
'--state=[Keep the hotel in this file; without it, in memory]:FILE:_files' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(reset)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--real-clock[Set the hotel'\''s clock back to the real time as well]' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(clock)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::time -- `2026-12-01T11\:00\:00+01\:00` sets it, `+2h` or `+1d` advances it, `real` goes back to the real time:_default' \
&& ret=0
;;
(phone)
_arguments "${_arguments_options[@]}" : \
'-g+[The guest]:GUEST:_default' \
'--guest=[The guest]:GUEST:_default' \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(config)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_roomkey__subcmd__config_commands" \
"*::: :->config" \
&& ret=0

    case $state in
    (config)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:roomkey-config-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- Which shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
'--profile=[A profile of the configuration file]:NAME:_default' \
'--system=[The Visionline system, by name or id, where the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, where there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds the lock system may take to confirm a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds a call may take with all its tries \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds a list of Seam'\''s may lag behind a change \[default\: 3\]]:SECONDS:_default' \
'--color=[Colours]:COLOR:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--reading=[How the sandbox behaves where no source settles it; may be repeated]:NAME=VALUE:_default' \
'--json[One JSON value on stdout]' \
'--sandbox[Against a simulated hotel; no key needed, no real door touched]' \
'-y[Answer every question with yes]' \
'--yes[Answer every question with yes]' \
'--no-input[Never ask; a needed answer is an error]' \
'-v[Tell of every call, on stderr]' \
'--verbose[Tell of every call, on stderr]' \
'-q[Only results and errors]' \
'--quiet[Only results and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::topic -- A command, or `exit-codes`, `guests`, `times`, `profiles`:_default' \
&& ret=0
;;
        esac
    ;;
esac
}

(( $+functions[_roomkey_commands] )) ||
_roomkey_commands() {
    local commands; commands=(
'issue:First key of a stay\: one guest or several, one room or several' \
'return-guest:A guest who was here before\: old access goes, a fresh key comes' \
'join:One more key in a stay, beside the ones that are there' \
'update:Change a key\: other times, other rooms' \
'revoke:Take keys away' \
'batch:Many keys at once, from a file' \
'keys:Show keys\: of a room, of a guest, or all' \
'rooms:Show the doors' \
'guests:Show guests on record' \
'doctor:Check that everything works; changes nothing' \
'recover:Show what stopped half-way, and finish or undo it' \
'history:What was done here, when and by whom' \
'sandbox:The simulated hotel' \
'config:Settings and where they come from' \
'completions:Scripts that complete commands in a shell' \
'man:The manual page' \
'help:Help on a command or a topic\: exit-codes, times, profiles' \
    )
    _describe -t commands 'roomkey commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__batch_commands] )) ||
_roomkey__subcmd__batch_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey batch commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__completions_commands] )) ||
_roomkey__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey completions commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__config_commands] )) ||
_roomkey__subcmd__config_commands() {
    local commands; commands=(
'show:Every value with where it comes from; the key is never shown' \
    )
    _describe -t commands 'roomkey config commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__config__subcmd__show_commands] )) ||
_roomkey__subcmd__config__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey config show commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__doctor_commands] )) ||
_roomkey__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey doctor commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__guests_commands] )) ||
_roomkey__subcmd__guests_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey guests commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__help_commands] )) ||
_roomkey__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey help commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__history_commands] )) ||
_roomkey__subcmd__history_commands() {
    local commands; commands=(
'expire:Delete for good what ended long ago. What is unfinished stays' \
    )
    _describe -t commands 'roomkey history commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__history__subcmd__expire_commands] )) ||
_roomkey__subcmd__history__subcmd__expire_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey history expire commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__issue_commands] )) ||
_roomkey__subcmd__issue_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey issue commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__join_commands] )) ||
_roomkey__subcmd__join_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey join commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__keys_commands] )) ||
_roomkey__subcmd__keys_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey keys commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__man_commands] )) ||
_roomkey__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey man commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__recover_commands] )) ||
_roomkey__subcmd__recover_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey recover commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__return-guest_commands] )) ||
_roomkey__subcmd__return-guest_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey return-guest commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__revoke_commands] )) ||
_roomkey__subcmd__revoke_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey revoke commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__rooms_commands] )) ||
_roomkey__subcmd__rooms_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey rooms commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__sandbox_commands] )) ||
_roomkey__subcmd__sandbox_commands() {
    local commands; commands=(
'serve:Keep a hotel open for other programs, until stopped' \
'reset:Close the hotel of \`--sandbox\` and forget what was done there; its clock goes on' \
'clock:Show or set the clock of the hotel of \`--sandbox\`, for instance to see a check-out without waiting' \
'phone:Let a guest sign in to the app; also in a sandbox workspace of Seam'\''s' \
    )
    _describe -t commands 'roomkey sandbox commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__sandbox__subcmd__clock_commands] )) ||
_roomkey__subcmd__sandbox__subcmd__clock_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey sandbox clock commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__sandbox__subcmd__phone_commands] )) ||
_roomkey__subcmd__sandbox__subcmd__phone_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey sandbox phone commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__sandbox__subcmd__reset_commands] )) ||
_roomkey__subcmd__sandbox__subcmd__reset_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey sandbox reset commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__sandbox__subcmd__serve_commands] )) ||
_roomkey__subcmd__sandbox__subcmd__serve_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey sandbox serve commands' commands "$@"
}
(( $+functions[_roomkey__subcmd__update_commands] )) ||
_roomkey__subcmd__update_commands() {
    local commands; commands=()
    _describe -t commands 'roomkey update commands' commands "$@"
}

if [ "$funcstack[1]" = "_roomkey" ]; then
    _roomkey "$@"
else
    compdef _roomkey roomkey
fi
