import type { CommandContext } from '../Command';
import { usageError } from '../CommandError';
import { pushedFrom } from '../github/workflow';
import { type ChangedFile, Checkout } from './Checkout';

/** What a commit changed below a folder. */
export interface Change {
  checkout: Checkout;
  /** Its full id. */
  commit: string;
  files: ChangedFile[];
}

/**
 * Finds out what a commit changed, in the checkout that the command was called in.
 *
 * @param options.since - undefined for where the push began, or the commit before it
 * @throws CommandError where the checkout does not have it
 */
export async function readChange(options: {
  revision: string;
  since?: string;
  folder: string;
  context: CommandContext;
}): Promise<Change> {
  const { revision, since, folder, context } = options;
  const checkout = new Checkout(context.directory ?? process.cwd());
  const find = async (text: string) => {
    const found = await checkout.resolve(text);
    if (found) return found;
    throw usageError(
      `commit '${text}' is not in this folder: call it in a checkout of the environments repository that has it`,
    );
  };
  const commit = await find(revision);
  const from = since
    ? await find(since)
    : await startOfPush(checkout, context, commit);
  const files = await checkout.changes({ from, to: commit, folder });
  return { checkout, commit, files };
}

/** Of a push the commit before it, if the checkout has it; a branch that was rewritten lost it. */
async function startOfPush(
  checkout: Checkout,
  context: CommandContext,
  commit: string,
): Promise<string | undefined> {
  const before = await pushedFrom(context.environment, commit);
  const from = before && (await checkout.resolve(before));
  return from && (await checkout.isIn(from, commit)) ? from : undefined;
}
