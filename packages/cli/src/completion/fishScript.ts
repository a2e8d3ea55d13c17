import type { OutlinedOption, Place, ProgramOutline } from './outlineProgram';

export function fishScript(program: ProgramOutline): string {
  const { places, commandsWithActions, optionsWithValue } = program;
  return `# greenroom for fish: ~/.config/fish/completions/greenroom.fish
function __greenroom_at --description 'Whether this command and action were written'
    set -l command ''
    set -l action ''
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case ${optionsWithValue.join(' ')}
                set skip yes
            case '-*'
            case '*'
                if test -z "$command"
                    set command $word
                else if test -z "$action"; and contains -- $command ${commandsWithActions.join(
                  ' ',
                )}
                    set action $word
                end
        end
    end
    test "$command" = "$argv[1]"; and test "$action" = "$argv[2]"
end
complete -c greenroom -e
${places.flatMap(placeLines).join('\n')}`;
}

function placeLines({ command = '', action = '', words, options }: Place) {
  const at = `complete -c greenroom -n ${quoted(
    ['__greenroom_at', command, action].filter(Boolean).join(' '),
  )}`;
  return [
    ...words.map(
      ({ name, summary }) => `${at} -f -a ${name} -d ${quoted(summary)}`,
    ),
    ...options.map(option => `${at} ${optionText(option)}`),
  ];
}

function optionText(option: OutlinedOption): string {
  const { name, help, takesValue, isPath, choices } = option;
  const parts = [`-l ${name.slice(2)}`];
  if (takesValue) parts.push(isPath ? '-r' : '-x');
  if (choices.length > 0) parts.push(`-a ${quoted(choices.join(' '))}`);
  if (help) parts.push(`-d ${quoted(help)}`);
  return parts.join(' ');
}

/** In fish, a backslash is one before a quote and before itself. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
