// @ts-check
import { dim, green, red } from '../../lib/output.mjs';

/** What must hold during a drill, printed as it is found out. */
export class Invariants {
  held = 0;
  broken = 0;

  /** What the drill is doing. */
  say(text) {
    console.log(dim(`  … ${text}`));
  }

  /** @param {boolean} holds */
  check(what, holds, detail = '') {
    if (holds) this.held += 1;
    else this.broken += 1;
    console.log(
      `  ${holds ? green('✓') : red('✗')} ${what}${
        detail === '' ? '' : dim(` (${detail})`)
      }`,
    );
  }
}
