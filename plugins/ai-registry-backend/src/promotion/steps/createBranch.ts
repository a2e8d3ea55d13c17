import { isError } from '@backstage/errors';
import type { DesiredDeployment } from '@greenroom/plugin-ai-registry-common';
import type { Branch } from '../../environments/GitHost';
import { userOfPortalEmail } from '../../environments/people';
import {
  API_VERSION_2,
  type Manifest,
  manifestPath,
  type ManifestSpec,
  parseManifest,
  printManifest,
  rolloutOf,
} from '@greenroom/manifest';
import { branchOf, titleOf } from '../promotion';
import { TerminalError } from '../TerminalError';
import type { PromotionStep, StepContext } from './PromotionStep';

/**
 * Makes the branch with the changed manifest. A branch of that name that somebody
 * pushed is taken as it is, when it says what is to be promoted.
 */
export const createBranch: PromotionStep = {
  name: 'create-branch',
  async run(context) {
    const { promotion, gitHost, people } = context;
    const { environment, version } = promotion;
    const candidate = await context.candidate();
    const running = await context.running();
    if (running?.version === version && running.digest === candidate.digest) {
      return {
        outcome: 'closed',
        reason: `${environment} runs version ${version} already, since commit ${running.commit.slice(
          0,
          12,
        )}.`,
      };
    }
    requireControl(context, running);
    const changes = { fromVersion: running?.version };
    await closeForerunner(context);

    const branch = branchOf(promotion);
    const path = manifestPath(promotion);
    // Branch and main as they are now: it changes nothing on either but what it is about.
    const main = await gitHost.mainRevision({ fresh: true });
    const existing = await gitHost.getBranch(branch);
    if (!existing && promotion.branch !== undefined) {
      return {
        outcome: 'closed',
        reason: `Branch '${branch}', which somebody opened it with, is gone.`,
      };
    }
    if (
      existing &&
      (promotion.branch !== undefined || hasForeignCommits(existing))
    ) {
      await checkForeignBranch(context, existing, candidate.digest);
      return { outcome: 'done', changes };
    }
    const onMain = await gitHost.readFile({ path, revision: main });
    const manifest: Manifest = {
      apiVersion: API_VERSION_2,
      kind: 'ModelDeployment',
      metadata: { name: promotion.model, environment },
      spec: {
        version,
        digest: candidate.digest,
        rollout: rolloutOf(promotion.rollout),
        rollbackTo:
          promotion.kind === 'rollback'
            ? promotion.rollbackTo
            : running && { version: running.version, digest: running.digest },
        ...settledSections(context, { onMain, running }),
        ...askedSections(promotion),
      },
    };
    await gitHost.ensureBranch({
      branch,
      changes: [
        {
          path,
          content: printManifest(manifest, {
            earlierText: onMain,
            schemaUrl: context.settings.manifestSchemaUrl,
          }),
        },
      ],
      message: `${titleOf(promotion)}\n\n${promotion.reason}\n`,
      author: await people.personOf(promotion.requestedBy),
      startOver: existing !== undefined && existing.conflicts.length > 0,
    });
    return { outcome: 'done', changes };
  },
};

/** Sections that a promotion need not decide about: they stay as they are on main. */
function settledSections(
  { promotion }: StepContext,
  options: {
    onMain: string | undefined;
    running: DesiredDeployment | undefined;
  },
): Partial<ManifestSpec> {
  const { onMain, running } = options;
  try {
    const { spec } = parseManifest(onMain ?? '', promotion);
    const { version, digest, rollout, rollbackTo, ...others } = spec;
    return others;
  } catch (error) {
    if (!isError(error) || error.name !== 'InputError') throw error;
    // It is not applied; what was applied before it is what runs.
    return {
      batching: running?.batching,
      placement: running?.placement,
      responseCache: running?.responseCache,
      loading: running?.loading,
      languageModel: running?.languageModel,
      analysis: running?.analysis,
      outcomes: running?.outcomes,
      recentRows: running?.recentRows ? { mode: 'on' } : undefined,
      automatedPromotion: running?.automatedPromotion,
    };
  }
}

/** Sections that this promotion does decide about. */
function askedSections({
  analysis,
  outcomes,
}: StepContext['promotion']): Partial<ManifestSpec> {
  return { ...(analysis && { analysis }), ...(outcomes && { outcomes }) };
}

/** Something else may run by now than what versions were to be compared with. */
function requireControl(
  { promotion }: StepContext,
  running: DesiredDeployment | undefined,
): void {
  const { rollout, environment } = promotion;
  if (rollout.strategy !== 'experiment') return;
  const { control } = rollout;
  if (
    control.version === running?.version &&
    control.digest === running.digest
  ) {
    return;
  }
  throw new TerminalError(
    `rollout.control: ${environment} runs ${
      running ? `version ${running.version}` : 'nothing'
    } by now, and not version ${
      control.version
    } that others were to be compared with: open the promotion again`,
  );
}

/** An older promotion of the same version may still hold the branch's name. */
async function closeForerunner(context: StepContext): Promise<void> {
  const { promotion, gitHost, people } = context;
  const { items } = await gitHost.listChangeRequests({
    state: 'open',
    branch: branchOf(promotion),
  });
  const [holder] = items;
  if (!holder || holder.number === promotion.changeRequest?.number) return;
  const owner = await context.findPromotion(holder.number);
  if (owner && owner.id !== promotion.id) {
    await gitHost.closeChangeRequest(holder.number, {
      author: await people.personOf(promotion.requestedBy),
      reason: 'Superseded by a newer promotion.',
    });
  }
}

function hasForeignCommits(branch: Branch): boolean {
  return branch.contributors.some(
    person => userOfPortalEmail(person.email) === undefined,
  );
}

async function checkForeignBranch(
  context: StepContext,
  branch: Branch,
  digest: string,
): Promise<void> {
  const { promotion, gitHost } = context;
  const path = manifestPath(promotion);
  if (branch.conflicts.length > 0) {
    throw new TerminalError(
      `Branch '${branch.name}' conflicts with main in ${branch.conflicts.join(
        ', ',
      )}: merge main into it, or delete it, then try again`,
    );
  }
  const text = await gitHost.readFile({ path, revision: branch.head });
  try {
    const { spec } = parseManifest(text ?? '', promotion);
    if (spec.version === promotion.version && spec.digest === digest) return;
  } catch (error) {
    if (!isError(error) || error.name !== 'InputError') throw error;
  }
  throw new TerminalError(
    `Branch '${branch.name}' was pushed by somebody, and its ${path} does not name version ${promotion.version} with ${digest}: correct it, or delete it, then try again`,
  );
}
