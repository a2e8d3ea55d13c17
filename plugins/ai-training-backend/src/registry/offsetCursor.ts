import { InputError } from '@backstage/errors';

const PATTERN = /^from-(\d{1,6})$/;

/** Tokens of pages that are cut from one short list. */
export const offsetCursor = {
  encode(offset: number): string {
    return `from-${offset}`;
  },

  /** 0 where there is none; @throws InputError for one that no list gave */
  decode(token: string | undefined): number {
    if (token === undefined) return 0;
    const found = PATTERN.exec(token);
    if (found) return Number(found[1]);
    throw new InputError(
      `page_token '${token}' is not one that this list gave: repeat the call without it`,
    );
  },
};
