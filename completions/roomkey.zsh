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
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'*-g+[E-mail address, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`. May be repeated. See \`roomkey help guests\`]:GUEST:_default' \
'*--guest=[E-mail address, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`. May be repeated. See \`roomkey help guests\`]:GUEST:_default' \
'--from=[Start of the key \[default\: now\]. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[End of the key\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[Number of nights; the key ends at the check-out hour]:N:_default' \
'--nights=[Number of nights; the key ends at the check-out hour]:N:_default' \
'*--also=[A common door that the key also opens, such as the gym; may be repeated]:DOOR:_default' \
'--label=[Text on the key in the app, such as "Room %ROOMNUM%"]:TEXT:_default' \
'--format=[Card format\: \`rfid48\`, or \`TLCode\` for more doors than \`rfid48\` can hold]:FORMAT:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--replace[Replace live keys that would otherwise stop the command]' \
'--require-phone[Refuse if no phone of the guest is ready to receive the key]' \
'--dry-run[Show the steps without changing anything]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(return-guest)
_arguments "${_arguments_options[@]}" : \
'-g+[E-mail address, phone number, \`res\:\` with a reservation, full name or id of a guest on record]:GUEST:_default' \
'--guest=[E-mail address, phone number, \`res\:\` with a reservation, full name or id of a guest on record]:GUEST:_default' \
'*-r+[\`101\`, \`101,102\` or \`101-105\`; may be repeated]:ROOM:_default' \
'*--room=[\`101\`, \`101,102\` or \`101-105\`; may be repeated]:ROOM:_default' \
'--from=[Start of the key \[default\: now\]. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[End of the key\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[Number of nights; the key ends at the check-out hour]:N:_default' \
'--nights=[Number of nights; the key ends at the check-out hour]:N:_default' \
'*--also=[A common door that the key also opens, such as the gym; may be repeated]:DOOR:_default' \
'--label=[Text on the key in the app, such as "Room %ROOMNUM%"]:TEXT:_default' \
'--format=[Card format\: \`rfid48\`, or \`TLCode\` for more doors than \`rfid48\` can hold]:FORMAT:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--replace[Replace live keys that would otherwise stop the command]' \
'--require-phone[Refuse if no phone of the guest is ready to receive the key]' \
'--dry-run[Show the steps without changing anything]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(join)
_arguments "${_arguments_options[@]}" : \
'*-g+[E-mail address, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`. May be repeated. See \`roomkey help guests\`]:GUEST:_default' \
'*--guest=[E-mail address, phone number, \`res\:\` with a reservation, full name or id; a new guest as \`"Name <e-mail>"\`. May be repeated. See \`roomkey help guests\`]:GUEST:_default' \
'*--to=[Id of a key to join\: a mobile key, its copy on one phone, or a plastic card; may be repeated]:KEY:_default' \
'*-r+[Join the live keys of these rooms. With \`--to\`, the new key opens only these rooms]:ROOM:_default' \
'*--room=[Join the live keys of these rooms. With \`--to\`, the new key opens only these rooms]:ROOM:_default' \
'--from=[Start of the key \[default\: now\]. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[End of the key\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[Number of nights; the key ends at the check-out hour]:N:_default' \
'--nights=[Number of nights; the key ends at the check-out hour]:N:_default' \
'*--also=[A common door that the key also opens, such as the gym; may be repeated]:DOOR:_default' \
'--label=[Text on the key in the app, such as "Room %ROOMNUM%"]:TEXT:_default' \
'--format=[Card format\: \`rfid48\`, or \`TLCode\` for more doors than \`rfid48\` can hold]:FORMAT:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--replace[Replace live keys that would otherwise stop the command]' \
'--require-phone[Refuse if no phone of the guest is ready to receive the key]' \
'--dry-run[Show the steps without changing anything]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(update)
_arguments "${_arguments_options[@]}" : \
'(-g --guest -r --room)--key=[Id of the key]:KEY:_default' \
'-g+[The guest who has the key]:GUEST:_default' \
'--guest=[The guest who has the key]:GUEST:_default' \
'-r+[A room that the key opens, if the guest has several keys]:ROOM:_default' \
'--room=[A room that the key opens, if the guest has several keys]:ROOM:_default' \
'*--rooms=[The rooms of the changed key, in place of its rooms until now]:ROOMS:_default' \
'*--also=[A common door to add; may be repeated]:DOOR:_default' \
'*--without=[A common door to remove; may be repeated]:DOOR:_default' \
'--label=[Text on the key in the app]:TEXT:_default' \
'--format=[Card format\: \`rfid48\`, or \`TLCode\` for more doors than \`rfid48\` can hold]:FORMAT:_default' \
'--from=[Start of the key \[default\: now\]. See \`roomkey help times\`]:WHEN:_default' \
'(-n --nights)--until=[End of the key\: \`2026-12-01\`, \`"friday 12\:00"\`, \`+2d\`]:WHEN:_default' \
'-n+[Number of nights; the key ends at the check-out hour]:N:_default' \
'--nights=[Number of nights; the key ends at the check-out hour]:N:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--replace[Replace other mobile keys of the guest that would otherwise stop the command]' \
'--require-phone[Refuse if no phone of the guest is ready to receive the key]' \
'--dry-run[Show the steps without changing anything]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(revoke)
_arguments "${_arguments_options[@]}" : \
'(-g --guest -r --room)*--key=[Id of a key; may be repeated]:KEY:_default' \
'-g+[All live keys of this guest; with \`--room\`, only the keys to these rooms]:GUEST:_default' \
'--guest=[All live keys of this guest; with \`--room\`, only the keys to these rooms]:GUEST:_default' \
'*-r+[The keys of the stay that is in these rooms now]:ROOM:_default' \
'*--room=[The keys of the stay that is in these rooms now]:ROOM:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'(-g --guest)--all[With \`--room\`\: the keys of all guests, also of stays that begin later]' \
'--this-phone-only[If \`--key\` is the copy on one phone\: remove only this copy]' \
'--dry-run[Show the steps without changing anything]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(batch)
_arguments "${_arguments_options[@]}" : \
'--format=[\`csv\`, \`jsonl\` or \`fias\` \[default\: found from the file'\''s name or its first line\]]:FORMAT:_default' \
'--date-format=[The order of day, month and year in dates such as 03/04/2026\: \`dmy\`, \`mdy\` or \`ymd\`]:ORDER:_default' \
'-j+[The largest number of requests at the same time]:N:_default' \
'--jobs=[The largest number of requests at the same time]:N:_default' \
'-o+[The result file \[default\: beside FILE, such as arrivals.result.csv; none for \`-\`\]]:FILE:_files' \
'--out=[The result file \[default\: beside FILE, such as arrivals.result.csv; none for \`-\`\]]:FILE:_files' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--skip-bad[Skip the rows that cannot be carried out, and carry out the others]' \
'--replace[Replace live keys that would otherwise stop a row]' \
'--require-phone[Refuse guests without a phone that is ready to receive the key]' \
'--same-room-same-stay[Treat rows without a reservation number as one stay if they name the same room at the same time. For lists without numbers, such as OPERA'\''s arrivals export]' \
'--again[Carry out all rows again, also those that an earlier run of the file has done]' \
'--overwrite[Replace the result file even if roomkey did not write it. \`--yes\` does not include this]' \
'--dry-run[Show the plan without changing anything]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A file with CSV, JSON lines or FIAS key records; `-` for standard input:_files' \
&& ret=0
;;
(keys)
_arguments "${_arguments_options[@]}" : \
'*-r+[Only keys to these rooms; may be repeated]:ROOM:_default' \
'*--room=[Only keys to these rooms; may be repeated]:ROOM:_default' \
'-g+[Only keys of this guest]:GUEST:_default' \
'--guest=[Only keys of this guest]:GUEST:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--ids[Show the ids of the keys and of their copies on phones, in place of times and doors]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(rooms)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(guests)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::text -- Part of a name, e-mail address or phone number, or a reservation such as `res\:4711` \[default\: all guests\]:_default' \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(recover)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'(--undo --close)--all[Finish all unfinished operations]' \
'(--close)--undo[Remove the keys that the operation made. Keys that it removed cannot be restored]' \
'--close[Close the operation without changing anything at the hotel]' \
'--replace[Go on even if somebody else has changed the room or the guest since]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::operation -- Id of the operation\: the short id from a message, or the full id:_default' \
&& ret=0
;;
(history)
_arguments "${_arguments_options[@]}" : \
'-r+[Only operations on this room]:ROOM:_default' \
'--room=[Only operations on this room]:ROOM:_default' \
'-g+[Only operations on keys of this guest]:GUEST:_default' \
'--guest=[Only operations on keys of this guest]:GUEST:_default' \
'--since=[Only operations that began at this time or later]:WHEN:_default' \
'--limit=[The largest number of operations to show; 0 for all]:N:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'--older-than=[The age of the operations to delete\: they ended more than this number of days ago, such as \`400d\`]:DAYS:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'-p+[The port on this computer; 0 for any free port]:PORT:_default' \
'--port=[The port on this computer; 0 for any free port]:PORT:_default' \
'--rooms=[Number of guest rooms, twenty on each floor]:ROOMS:_default' \
'--latency=[Milliseconds added to every answer]:MS:_default' \
'--seed=[Seed of the ids\: the same seed gives the same ids]:SEED:_default' \
'--hotel-zone=[The hotel'\''s own time zone]:ZONE:_default' \
'--sync=[Milliseconds until the lock system confirms a change]:MS:_default' \
'--api-key=[The hotel'\''s API key \[default\: a random key, which stays the same while the state is kept\]]:KEY:_default' \
'--state=[Keep the hotel in this file \[default\: in memory\]]:FILE:_files' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(reset)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--real-clock[Set the hotel'\''s clock back to the real time as well]' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(clock)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::time -- `2026-12-01T11\:00\:00+01\:00` sets it, `+2h` or `+1d` advances it, `real` goes back to the real time:_default' \
&& ret=0
;;
(phone)
_arguments "${_arguments_options[@]}" : \
'-g+[The guest]:GUEST:_default' \
'--guest=[The guest]:GUEST:_default' \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- The shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
'--profile=[The profile of the configuration file to use]:NAME:_default' \
'--system=[The Visionline system, by name or id, if the workspace has several]:SYSTEM:_default' \
'--credential-manager=[The credential manager, by id, if there are several]:ID:_default' \
'--time-zone=[The hotel'\''s time zone, such as Europe/Berlin]:ZONE:_default' \
'--wait=[Seconds to wait until the lock system confirms a key \[default\: 10\]]:SECONDS:_default' \
'--timeout=[Seconds that a request may take, its retries included \[default\: 30\]]:SECONDS:_default' \
'--settle=[Seconds until Seam'\''s lists show a change \[default\: 3\]]:SECONDS:_default' \
'--color=[When to use colours]:COLOR:((auto\:"Colours are used on a terminal, unless \`NO_COLOR\` is set"
always\:"Colours are always used"
never\:"Colours are never used"))' \
'*--reading=[How the simulated hotel behaves where the API'\''s documentation does not say; may be repeated]:NAME=VALUE:_default' \
'--json[Print one JSON value on stdout]' \
'--sandbox[Use a simulated hotel. It needs no API key and touches no real door]' \
'-y[Answer yes to every question]' \
'--yes[Answer yes to every question]' \
'--no-input[Never ask a question; a question that needs an answer is an error]' \
'-v[Print every request on stderr, and show API paths in a dry run]' \
'--verbose[Print every request on stderr, and show API paths in a dry run]' \
'-q[Print only results, warnings and errors]' \
'--quiet[Print only results, warnings and errors]' \
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
'issue:Make the first key of a stay, for one or several guests and rooms' \
'return-guest:Give a guest who was here before a new key, and remove all earlier access' \
'join:Make one more key in a stay. The other keys of the stay go on working' \
'update:Change the times or the doors of a key' \
'revoke:Remove keys' \
'batch:Make or change many keys from a file' \
'keys:Show live keys of a room, of a guest, or all' \
'rooms:Show the doors of the hotel' \
'guests:Show guests on record' \
'doctor:Check the API key, the clock and the hotel'\''s systems. Changes nothing' \
'recover:Show operations that stopped half-way, and finish or undo them' \
'history:Show the operations of this PC, with their time and operator' \
'sandbox:Manage the simulated hotel' \
'config:Show the settings and their origins' \
'completions:Print a completion script for a shell' \
'man:Print the manual page' \
'help:Show help on a command or a topic\: exit-codes, guests, times, profiles' \
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
'show:Show every setting with its origin. The API key is never shown' \
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
'expire:Delete old operations for good. Unfinished operations are kept' \
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
'serve:Serve a simulated hotel to other programs until Ctrl-C' \
'reset:Delete the hotel of \`--sandbox\` and its journal. Its clock goes on' \
'clock:Show or set the clock of the hotel of \`--sandbox\`, for instance to see a check-out without waiting' \
'phone:Let a guest sign in to the app. Also works in a sandbox workspace of Seam' \
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
