import { isError } from '@backstage/errors';
import { createHash } from 'node:crypto';
import { manifestPath, parseManifest } from '../../environments/manifest';
import { branchOf } from '../promotion';
import { type GateResult } from '../transitions';
import { changeRequestOf } from './changeRequestOf';
import type { PromotionStep, StepContext } from './PromotionStep';

/**
 * Holds three things against each other: what the registry says the version is,
 * what the branch would deploy, and the stored bytes, hashed again.
 */
export const verifyArtifactDigest: PromotionStep = {
  name: 'verify-artifact-digest',
  async run(context) {
    const { head } = await changeRequestOf(context);
    const gate =
      (await checkBranch(context, head)) ?? (await checkBytes(context));
    return { outcome: 'done', changes: { checkedHead: head, gate } };
  },
};

async function checkBranch(
  context: StepContext,
  head: string,
): Promise<GateResult | undefined> {
  const { promotion, gitHost } = context;
  const path = manifestPath(promotion);
  const { digest } = await context.candidate();
  const branch = await gitHost.getBranch(branchOf(promotion));
  const others = branch?.changedPaths.filter(changed => changed !== path) ?? [];
  if (others.length > 0) {
    return fail(
      `The branch changes more than ${path}: ${others
        .slice(0, 5)
        .join(', ')}. Take that out, then run the gates again.`,
    );
  }
  const text = await gitHost.readFile({ path, revision: head });
  try {
    const { spec } = parseManifest(text ?? '', promotion);
    if (spec.version !== promotion.version || spec.digest !== digest) {
      return fail(
        `The branch would deploy version ${spec.version} with ${spec.digest}, not version ${promotion.version} with ${digest}.`,
      );
    }
  } catch (error) {
    if (!isError(error) || error.name !== 'InputError') throw error;
    return fail(`The manifest on the branch is wrong: ${error.message}.`);
  }
  return undefined;
}

async function checkBytes(context: StepContext): Promise<GateResult> {
  const { digest: expected } = await context.candidate();
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of await context.openArtifact(expected)) {
    context.signal.throwIfAborted();
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  const actual = `sha256:${hash.digest('hex')}`;
  const isSame = actual === expected;
  return {
    id: 'artifact-digest',
    status: isSame ? 'passed' : 'failed',
    summary: isSame
      ? `The ${sizeBytes} stored bytes have the digest that was registered.`
      : 'The stored bytes are not the ones that were registered: restore the artifact store from a backup, then run the gates again.',
    evidence: { kind: 'artifact-digest', expected, actual, sizeBytes },
  };
}

function fail(summary: string): GateResult {
  return { id: 'artifact-digest', status: 'failed', summary };
}
