import { isError } from '@backstage/errors';
import {
  type Bundle,
  MAX_ENCODED_BYTES,
  parseBundle,
} from '@greenroom/bundle-file';
import type {
  Digest,
  PromotionPlan,
} from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { manifestPath, parseManifest, planOf } from '@greenroom/manifest';
import type { Branch } from '../../environments/GitHost';
import { findStrangers } from '../findStrangers';
import { branchOf } from '../promotion';
import { changeRequestOf } from '../steps/changeRequestOf';
import type { StepContext } from '../steps/PromotionStep';
import type { GateVerdict, PromotionGate } from './PromotionGate';

/**
 * Holds three things against each other: what the registry says the version is,
 * what the branch would deploy, and the stored bytes, hashed again.
 */
export const artifactDigest: PromotionGate = {
  id: 'artifact-digest',
  title: 'Artifact is what was registered',
  step: { name: 'verify-artifact-digest', title: 'Verify the artifact' },
  when: 'once',
  isAbsolute: true,
  defaultMode: 'required',
  ofRollback: 'as-set',
  configure: () => ({
    async check(context) {
      const { head, author } = await changeRequestOf(context);
      const branch = await context.gitHost.getBranch(
        branchOf(context.promotion),
        { head },
      );
      // A copy of the repository may lag behind: what an older head changes, and by whom, says nothing of this one.
      if (branch?.head !== head) {
        return {
          status: 'under-way',
          waitingFor: `Waiting until branch '${branchOf(
            context.promotion,
          )}' is seen as its change request has it (${head.slice(0, 12)}).`,
        };
      }
      const { finding = await checkBytes(context), planned } =
        await checkBranch(context, branch);
      const strangers = await findStrangers(context.people, [
        author,
        ...branch.contributors,
      ]);
      return { ...finding, learned: { checkedHead: head, planned, strangers } };
    },
  }),
};

async function checkBranch(
  context: StepContext,
  { head, changedPaths }: Pick<Branch, 'head' | 'changedPaths'>,
): Promise<{ finding?: GateVerdict; planned?: PromotionPlan }> {
  const { promotion, gitHost } = context;
  const path = manifestPath(promotion);
  const { digest } = await context.candidate();
  const others = changedPaths.filter(changed => changed !== path);
  if (others.length > 0) {
    return failedBranch(
      `The branch changes more than ${path}: ${others
        .slice(0, 5)
        .join(', ')}. Take that out, then run the gates again.`,
    );
  }
  const text = await gitHost.readFile({ path, revision: head });
  try {
    const { spec } = parseManifest(text ?? '', promotion);
    if (spec.version !== promotion.version || spec.digest !== digest) {
      return failedBranch(
        `The branch would deploy version ${spec.version} with ${spec.digest}, not version ${promotion.version} with ${digest}.`,
      );
    }
    const { rollout, analysis, outcomes } = spec;
    return { planned: { rollout: planOf(rollout), analysis, outcomes } };
  } catch (error) {
    if (!isError(error) || error.name !== 'InputError') throw error;
    return failedBranch(
      `The manifest on the branch is wrong: ${error.message}.`,
    );
  }
}

/** What it would do is not known then. */
function failedBranch(summary: string): { finding: GateVerdict } {
  return { finding: fail(summary) };
}

async function checkBytes(context: StepContext): Promise<GateVerdict> {
  const { digest: expected, files } = await context.candidate();
  const bundle = files === undefined ? undefined : await openBundle(context);
  if (bundle && 'summary' in bundle) return bundle;
  let sizeBytes = 0;
  for (const file of bundle?.files ?? [{ path: '', digest: expected }]) {
    const stored = await hashArtifact(context, file.digest);
    if (stored?.digest !== file.digest) return damaged(file, stored);
    sizeBytes += stored.sizeBytes;
  }
  return {
    status: 'passed',
    summary: bundle
      ? `The ${
          bundle.files.length === 1 ? 'file' : `${bundle.files.length} files`
        }, ${sizeBytes} bytes, and the list of what is in the version have the digests that were registered.`
      : `The ${sizeBytes} stored bytes have the digest that was registered.`,
    evidence: {
      kind: 'artifact-digest',
      expected,
      actual: expected,
      sizeBytes,
    },
  };
}

/** The list of a bundle's files, which is what its digest is of. */
async function openBundle(context: StepContext): Promise<Bundle | GateVerdict> {
  const { digest } = await context.candidate();
  const stored = await hashArtifact(context, digest, MAX_ENCODED_BYTES);
  return stored?.digest === digest && stored.bytes
    ? parseBundle(stored.bytes)
    : damaged({ path: 'bundle.json', digest }, stored);
}

/** @returns undefined when the artifact store does not have it */
async function hashArtifact(
  context: StepContext,
  digest: Digest,
  keepBytes = 0,
): Promise<{ digest: Digest; sizeBytes: number; bytes?: Buffer } | undefined> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of await context.openArtifact(digest)) {
      context.signal.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes <= keepBytes) kept.push(chunk);
    }
  } catch (error) {
    if (isError(error) && error.name === 'NotFoundError') return undefined;
    throw error;
  }
  return {
    digest: `sha256:${hash.digest('hex')}`,
    sizeBytes,
    bytes: sizeBytes <= keepBytes ? Buffer.concat(kept) : undefined,
  };
}

function damaged(
  { path, digest: expected }: { path: string; digest: Digest },
  stored: { digest: Digest; sizeBytes: number } | undefined,
): GateVerdict {
  const of = path && ` of '${path}'`;
  if (!stored) {
    return fail(
      `The artifact store does not have the bytes${of} any more (${expected}): restore it from a backup, then run the gates again.`,
    );
  }
  const { digest: actual, sizeBytes } = stored;
  return {
    ...fail(
      `The stored bytes${of} are not the ones that were registered: restore the artifact store from a backup, then run the gates again.`,
    ),
    evidence: { kind: 'artifact-digest', expected, actual, sizeBytes },
  };
}

function fail(summary: string): GateVerdict {
  return { status: 'failed', summary };
}
