import type { Command } from '../Command';
import { expectWords } from '../Command';
import { usageError } from '../CommandError';
import { bashScript } from './bashScript';
import { fishScript } from './fishScript';
import { outlineProgram } from './outlineProgram';
import { zshScript } from './zshScript';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Prints what makes a shell complete the program's commands. */
export function createCompletionCommand(commands: () => Command[]): Command {
  const shells = Object.keys(SCRIPTS);
  return {
    name: 'completion',
    summary: 'prints what makes a shell complete commands and options',
    help: `greenroom completion bash|zsh|fish

Prints a script for a shell, made from the commands of this program: print it
again when another version of it is installed. It asks nobody.

  bash   source <(greenroom completion bash)      # in ~/.bashrc
  zsh    source <(greenroom completion zsh)       # in ~/.zshrc, after compinit
  fish   greenroom completion fish > ~/.config/fish/completions/greenroom.fish`,
    options: {},
    actions: shells.map(name => ({ name, summary: `for ${name}` })),
    async run(words, context) {
      const [shell] = expectWords('completion', words, [
        'the name of a shell: bash, zsh or fish',
      ]);
      const found = shells.find(name => name === shell);
      if (!found) {
        throw usageError(
          `completion: '${shell}': expected one of ${shells.join(', ')}`,
        );
      }
      const script = SCRIPTS[found as keyof typeof SCRIPTS];
      context.print(script(outlineProgram(commands())));
    },
  };
}
