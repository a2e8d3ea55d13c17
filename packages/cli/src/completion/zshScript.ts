import {
  type OutlinedOption,
  type Place,
  type ProgramOutline,
  quoted,
} from './outlineProgram';

/** Works from a file _greenroom in a folder of fpath, and where it is sourced. */
export function zshScript(program: ProgramOutline): string {
  const { places, commandsWithActions, optionsWithValue } = program;
  return `#compdef greenroom
# greenroom for zsh: source <(greenroom completion zsh), after compinit
_greenroom() {
  local command= action= word
  local -a found options
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $word in
      (${optionsWithValue.join('|')}) ((i++)) ;;
      (-*) ;;
      (*)
        if [[ -z $command ]]; then
          command=$word
        elif [[ -z $action ]]; then
          case $command in (${commandsWithActions.join(
            '|',
          )}) action=$word ;; esac
        fi ;;
    esac
  done
  case $command/$action in
${places.map(placeCase).join('\n')}
  esac
  case \${words[CURRENT-1]} in
    (${optionsWithValue.join('|')})
      _message 'a value'
      return ;;
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif ((\${#found})); then
    _describe word found
  else
    _files
  fi
}
if [[ $funcstack[1] == _greenroom ]]; then
  _greenroom "$@"
else
  compdef _greenroom greenroom
fi`;
}

function placeCase({ command = '', action = '', words, options }: Place) {
  const values = options.flatMap(valueCase);
  const cases =
    values.length > 0
      ? `\n      case \${words[CURRENT-1]} in\n${values.join('\n')}\n      esac`
      : '';
  return `    (${command}/${action})
      found=(${words
        .map(({ name, summary }) => described(name, summary))
        .join(' ')})
      options=(${options
        .map(({ name, help }) => described(name, help))
        .join(' ')})${cases} ;;`;
}

function valueCase({ name, choices, isPath }: OutlinedOption): string[] {
  if (isPath) return [`        (${name}) _files; return ;;`];
  if (choices.length === 0) return [];
  return [
    `        (${name}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`,
  ];
}

function described(name: string, text: string): string {
  return quoted(text ? `${name}:${text}` : name);
}
