import { type Place, type ProgramOutline, quoted } from './outlineProgram';

/** Needs nothing but bash: neither the package bash-completion, nor one newer than 3.2. */
export function bashScript(program: ProgramOutline): string {
  const { places, commandsWithActions, optionsWithValue } = program;
  return `# greenroom for bash: source <(greenroom completion bash)
_greenroom() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local command= action= words= options= choices= word i
  COMPREPLY=()
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${optionsWithValue.join('|')})
        [[ \${COMP_WORDS[i+1]:-} == '=' ]] && ((i++))
        ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then
          command=$word
        elif [[ -z $action ]]; then
          case $command in ${commandsWithActions.join(
            '|',
          )}) action=$word ;; esac
        fi ;;
    esac
  done
  case $command/$action in
${places.map(placeCase).join('\n')}
  esac
  case $prev in
    ${optionsWithValue.join('|')})
      # Without choices it is a text, or a file as readline completes it.
      COMPREPLY=($(compgen -W "$choices" -- "$cur"))
      return ;;
  esac
  if [[ $cur == -* ]]; then
    words=$options
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _greenroom greenroom`;
}

function placeCase({ command = '', action = '', words, options }: Place) {
  const choices = options
    .filter(option => option.choices.length > 0)
    .map(
      option =>
        `\n      case $prev in ${option.name}) choices=${quoted(
          option.choices.join(' '),
        )} ;; esac`,
    );
  return `    ${command}/${action})
      words=${quoted(words.map(({ name }) => name).join(' '))}
      options=${quoted(
        options.map(({ name }) => name).join(' '),
      )}${choices.join('')} ;;`;
}
