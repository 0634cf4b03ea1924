# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_roomkey_global_optspecs
    string join \n json sandbox profile= system= credential-manager= time-zone= wait= timeout= settle= y/yes no-input v/verbose q/quiet color= reading= h/help V/version
end

function __fish_roomkey_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_roomkey_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_roomkey_using_subcommand
    set -l cmd (__fish_roomkey_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c roomkey -n "__fish_roomkey_needs_command" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_needs_command" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_needs_command" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_needs_command" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_needs_command" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_needs_command" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_needs_command" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_needs_command" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_needs_command" -s V -l version -d 'Print version'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "issue" -d 'Make the first key of a stay, for one or several guests and rooms'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "return-guest" -d 'Give a guest who was here before a new key, and remove all earlier access'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "join" -d 'Make one more key in a stay. The other keys of the stay go on working'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "update" -d 'Change the times or the doors of a key'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "revoke" -d 'Remove keys'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "batch" -d 'Make or change many keys from a file'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "keys" -d 'Show live keys of a room, of a guest, or all'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "rooms" -d 'Show the doors of the hotel'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "guests" -d 'Show guests on record'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "doctor" -d 'Check the API key, the clock and the hotel\'s systems. Changes nothing'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "recover" -d 'Show operations that stopped half-way, and finish or undo them'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "history" -d 'Show the operations of this PC, with their time and operator'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "sandbox" -d 'Manage the simulated hotel'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "config" -d 'Show the settings and their origins'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "man" -d 'Print the manual page'
complete -c roomkey -n "__fish_roomkey_needs_command" -f -a "help" -d 'Show help on a command or a topic: exit-codes, guests, times, profiles'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s r -l room -d '`101`, `101,102` or `101-105`; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s g -l guest -d 'E-mail address, phone number, `res:` with a reservation, full name or id; a new guest as `"Name <e-mail>"`. May be repeated. See `roomkey help guests`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l from -d 'Start of the key [default: now]. See `roomkey help times`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l until -d 'End of the key: `2026-12-01`, `"friday 12:00"`, `+2d`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s n -l nights -d 'Number of nights; the key ends at the check-out hour' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l also -d 'A common door that the key also opens, such as the gym; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l label -d 'Text on the key in the app, such as "Room %ROOMNUM%"' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l format -d 'Card format: `rfid48`, or `TLCode` for more doors than `rfid48` can hold' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l replace -d 'Replace live keys that would otherwise stop the command'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l require-phone -d 'Refuse if no phone of the guest is ready to receive the key'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l dry-run -d 'Show the steps without changing anything'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s g -l guest -d 'E-mail address, phone number, `res:` with a reservation, full name or id of a guest on record' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s r -l room -d '`101`, `101,102` or `101-105`; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l from -d 'Start of the key [default: now]. See `roomkey help times`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l until -d 'End of the key: `2026-12-01`, `"friday 12:00"`, `+2d`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s n -l nights -d 'Number of nights; the key ends at the check-out hour' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l also -d 'A common door that the key also opens, such as the gym; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l label -d 'Text on the key in the app, such as "Room %ROOMNUM%"' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l format -d 'Card format: `rfid48`, or `TLCode` for more doors than `rfid48` can hold' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l replace -d 'Replace live keys that would otherwise stop the command'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l require-phone -d 'Refuse if no phone of the guest is ready to receive the key'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l dry-run -d 'Show the steps without changing anything'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand return-guest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s g -l guest -d 'E-mail address, phone number, `res:` with a reservation, full name or id; a new guest as `"Name <e-mail>"`. May be repeated. See `roomkey help guests`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l to -d 'Id of a key to join: a mobile key, its copy on one phone, or a plastic card; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s r -l room -d 'Join the live keys of these rooms. With `--to`, the new key opens only these rooms' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l from -d 'Start of the key [default: now]. See `roomkey help times`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l until -d 'End of the key: `2026-12-01`, `"friday 12:00"`, `+2d`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s n -l nights -d 'Number of nights; the key ends at the check-out hour' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l also -d 'A common door that the key also opens, such as the gym; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l label -d 'Text on the key in the app, such as "Room %ROOMNUM%"' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l format -d 'Card format: `rfid48`, or `TLCode` for more doors than `rfid48` can hold' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l replace -d 'Replace live keys that would otherwise stop the command'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l require-phone -d 'Refuse if no phone of the guest is ready to receive the key'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l dry-run -d 'Show the steps without changing anything'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l key -d 'Id of the key' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s g -l guest -d 'The guest who has the key' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s r -l room -d 'A room that the key opens, if the guest has several keys' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l rooms -d 'The rooms of the changed key, in place of its rooms until now' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l also -d 'A common door to add; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l without -d 'A common door to remove; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l label -d 'Text on the key in the app' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l format -d 'Card format: `rfid48`, or `TLCode` for more doors than `rfid48` can hold' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l from -d 'Start of the key [default: now]. See `roomkey help times`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l until -d 'End of the key: `2026-12-01`, `"friday 12:00"`, `+2d`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s n -l nights -d 'Number of nights; the key ends at the check-out hour' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l replace -d 'Replace other mobile keys of the guest that would otherwise stop the command'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l require-phone -d 'Refuse if no phone of the guest is ready to receive the key'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l dry-run -d 'Show the steps without changing anything'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l key -d 'Id of a key; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -s g -l guest -d 'All live keys of this guest; with `--room`, only the keys to these rooms' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -s r -l room -d 'The keys of the stay that is in these rooms now' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l all -d 'With `--room`: the keys of all guests, also of stays that begin later'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l this-phone-only -d 'If `--key` is the copy on one phone: remove only this copy'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l dry-run -d 'Show the steps without changing anything'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l format -d '`csv`, `jsonl` or `fias` [default: found from the file\'s name or its first line]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l date-format -d 'The order of day, month and year in dates such as 03/04/2026: `dmy`, `mdy` or `ymd`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -s j -l jobs -d 'The largest number of requests at the same time' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -s o -l out -d 'The result file [default: beside FILE, such as arrivals.result.csv; none for `-`]' -r -F
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l skip-bad -d 'Skip the rows that cannot be carried out, and carry out the others'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l replace -d 'Replace live keys that would otherwise stop a row'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l require-phone -d 'Refuse guests without a phone that is ready to receive the key'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l same-room-same-stay -d 'Treat rows without a reservation number as one stay if they name the same room at the same time. For lists without numbers, such as OPERA\'s arrivals export'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l again -d 'Carry out all rows again, also those that an earlier run of the file has done'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l overwrite -d 'Replace the result file even if roomkey did not write it. `--yes` does not include this'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l dry-run -d 'Show the plan without changing anything'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -s r -l room -d 'Only keys to these rooms; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -s g -l guest -d 'Only keys of this guest' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l ids -d 'Show the ids of the keys and of their copies on phones, in place of times and doors'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand rooms" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand guests" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l all -d 'Finish all unfinished operations'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l undo -d 'Remove the keys that the operation made. Keys that it removed cannot be restored'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l close -d 'Close the operation without changing anything at the hotel'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l replace -d 'Go on even if somebody else has changed the room or the guest since'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -s r -l room -d 'Only operations on this room' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -s g -l guest -d 'Only operations on keys of this guest' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l since -d 'Only operations that began at this time or later' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l limit -d 'The largest number of operations to show; 0 for all' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and not __fish_seen_subcommand_from expire" -f -a "expire" -d 'Delete old operations for good. Unfinished operations are kept'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l older-than -d 'The age of the operations to delete: they ended more than this number of days ago, such as `400d`' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand history; and __fish_seen_subcommand_from expire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -f -a "serve" -d 'Serve a simulated hotel to other programs until Ctrl-C'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -f -a "reset" -d 'Delete the hotel of `--sandbox` and its journal. Its clock goes on'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -f -a "clock" -d 'Show or set the clock of the hotel of `--sandbox`, for instance to see a check-out without waiting'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and not __fish_seen_subcommand_from serve reset clock phone" -f -a "phone" -d 'Let a guest sign in to the app. Also works in a sandbox workspace of Seam'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s p -l port -d 'The port on this computer; 0 for any free port' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l rooms -d 'Number of guest rooms, twenty on each floor' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l latency -d 'Milliseconds added to every answer' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l seed -d 'Seed of the ids: the same seed gives the same ids' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l hotel-zone -d 'The hotel\'s own time zone' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l sync -d 'Milliseconds until the lock system confirms a change' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l api-key -d 'The hotel\'s API key [default: a random key, which stays the same while the state is kept]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l state -d 'Keep the hotel in this file [default: in memory]' -r -F
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l real-clock -d 'Set the hotel\'s clock back to the real time as well'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from clock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -s g -l guest -d 'The guest' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand sandbox; and __fish_seen_subcommand_from phone" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Show every setting with its origin. The API key is never shown'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l profile -d 'The profile of the configuration file to use' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l system -d 'The Visionline system, by name or id, if the workspace has several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l credential-manager -d 'The credential manager, by id, if there are several' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l time-zone -d 'The hotel\'s time zone, such as Europe/Berlin' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l wait -d 'Seconds to wait until the lock system confirms a key [default: 10]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l timeout -d 'Seconds that a request may take, its retries included [default: 30]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l settle -d 'Seconds until Seam\'s lists show a change [default: 3]' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l color -d 'When to use colours' -r -f -a "auto\t'Colours are used on a terminal, unless `NO_COLOR` is set'
always\t'Colours are always used'
never\t'Colours are never used'"
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l reading -d 'How the simulated hotel behaves where the API\'s documentation does not say; may be repeated' -r
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l json -d 'Print one JSON value on stdout'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l sandbox -d 'Use a simulated hotel. It needs no API key and touches no real door'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -s y -l yes -d 'Answer yes to every question'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -l no-input -d 'Never ask a question; a question that needs an answer is an error'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -s v -l verbose -d 'Print every request on stderr, and show API paths in a dry run'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -s q -l quiet -d 'Print only results, warnings and errors'
complete -c roomkey -n "__fish_roomkey_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
