// @ts-check
import { waitFor } from '../../demo/ControlPlane.mjs';
import { and, explained } from './explained.mjs';
import { naming } from './Promotions.mjs';

const NEVER_REGISTERED = 9_999;

/** Whether main is followed at once, in the name of who changed it, and the promotion is checked anew against that. */
async function followsMain({ promotions, change, wanted }) {
  const { id } = await promotions.inReview();
  const since = Date.now();
  await change();
  const seconds = await promotions.untilAlias(wanted);
  const { changedBy, promotionId } = await promotions.alias();
  const { fromVersion } = await promotions.inReviewSince(id, since, wanted);
  const end = await promotions.approveToTheEnd(id);
  return and(
    and(
      explained(end, 'completed'),
      /Octo/.test(changedBy) && promotionId === undefined,
      `Main was followed after ${seconds} s,`,
    ),
    fromVersion === wanted,
    `all gates ran again, against version ${wanted}`,
  );
}

const editsMain = {
  name: 'somebody edits the manifest on main, which the branch changes too',
  async play({ promotions, consistency }) {
    const wanted = consistency.versionOnMain() - 1;
    return followsMain({
      promotions,
      wanted,
      change: () => promotions.clone.write({ change: naming(wanted) }),
    });
  },
};

const editsWrongly = {
  name: 'somebody names on main a version that is not registered',
  async play({ promotions, consistency }) {
    const runs = consistency.versionOnMain();
    await promotions.clone.write({ change: naming(NEVER_REGISTERED) });
    const problem = await waitFor(
      'the problem of the manifest',
      async () => (await promotions.problems())[0],
      { seconds: 60 },
    );
    const { version } = await promotions.alias();
    await promotions.clone.write({ change: naming(runs) });
    await waitFor(
      'the problem to be over',
      async () =>
        (await promotions.problems()).length === 0 ? true : undefined,
      { seconds: 60 },
    );
    return {
      holds: version === runs && problem.message.includes(NEVER_REGISTERED),
      detail: `version ${version} went on: ${problem.message}`,
    };
  },
};

const editsDuringMerge = {
  name: 'somebody edits the manifest on main in the moment of the merge',
  async play({ stack, promotions, consistency }) {
    const { pulls } = stack.github;
    const { id } = await promotions.inReview();
    const since = Date.now();
    const wanted = consistency.versionOnMain() - 1;
    const { merge } = pulls;
    pulls.merge = async (...asked) => {
      pulls.merge = merge;
      await promotions.clone.write({ change: naming(wanted) });
      return merge.apply(pulls, asked);
    };
    await promotions.approve(id);
    const seen = await promotions.inReviewSince(id, since, wanted);
    const end = await promotions.approveToTheEnd(id);
    return and(
      explained(end, 'completed'),
      seen.fromVersion === wanted,
      `all gates ran again, against version ${wanted}`,
    );
  },
};

const movesMainBack = {
  name: 'somebody moves main back by force',
  async play({ promotions, consistency }) {
    const { id, version } = await promotions.inReview();
    const before = consistency.versionOnMain();
    const end = await promotions.approveToTheEnd(id);
    await promotions.clone.rewrite({});
    const seconds = await promotions.untilAlias(before);
    return and(
      explained(end, 'completed'),
      consistency.versionOnMain() === before,
      `version ${version} gave way to ${before} after ${seconds} s`,
    );
  },
};

const rewritesBranch = {
  name: 'somebody rewrites the branch by force, with another version',
  async play({ promotions }) {
    const { id, changeRequest, version } = await promotions.inReview();
    await promotions.clone.rewrite({
      branch: changeRequest.branch,
      change: naming(version - 1),
    });
    const end = await promotions.untilPhase(id, ['blocked']);
    return explained(end, 'blocked', /would deploy version/);
  },
};

const rewordsBranch = {
  name: 'somebody whom the catalog does not know rewrites the branch by force, with the same version',
  async play({ promotions }) {
    const { id, changeRequest } = await promotions.inReview();
    const since = Date.now();
    await promotions.clone.rewrite({
      branch: changeRequest.branch,
      change: text => `${text}# by hand\n`,
    });
    await promotions.inReviewSince(id, since);
    await promotions.approve(id);
    const { state, reviews, strangers = [] } = await promotions.get(id);
    await promotions.close(id);
    return and(
      explained(await promotions.untilPhase(id, ['closed']), 'closed'),
      state.phase === 'awaiting-review' &&
        reviews.length === 1 &&
        strangers.length === 1,
      `all gates ran again, and one approval did not do, since it may be of ${strangers}`,
    );
  },
};

const closing = (name, close) => ({
  name,
  async play({ stack, promotions }) {
    const { id, changeRequest } = await promotions.inReview();
    await close({ stack, promotions, changeRequest });
    const end = await promotions.untilPhase(id, ['closed']);
    return explained(end, 'closed', /outside of the portal/);
  },
});

const mergesThere = {
  name: 'somebody merges the pull request there',
  async play({ stack, promotions }) {
    const { id, changeRequest } = await promotions.inReview();
    // Who may bypass the rule merges what the check does not let pass.
    const { rulesets } = stack.github.state;
    const kept = rulesets.splice(0, rulesets.length);
    try {
      await stack.github.people.merge({
        number: changeRequest.number,
        account: 'octocat',
      });
    } finally {
      rulesets.push(...kept);
    }
    const end = await promotions.untilPhase(id, ['completed']);
    return explained(end, 'completed');
  },
};

const proposesThere = {
  name: 'somebody opens a pull request with another version there',
  async play({ stack, promotions }) {
    const { version } = await promotions.register();
    const branch = `octo/version-${version}`;
    await promotions.clone.write({ onto: branch, change: naming(version) });
    const { number } = await stack.github.people.openPull({
      branch,
      account: 'octocat',
      title: 'A newer one',
    });
    const { id } = await promotions.ofPullRequest(number);
    const { steps } = await promotions.untilPhase(id, ['awaiting-review']);
    // One of them may have opened it under a name that the catalog does not know.
    const people = ['grace', 'ada'];
    const end = await promotions.approveToTheEnd(id, { people });
    return and(
      explained(end, 'completed'),
      steps.map(({ name }) => name).join() === promotions.steps.join(),
      'the same gates were asked',
    );
  },
};

const twoAtOnce = {
  name: 'two people promote at once',
  async play({ promotions }) {
    const older = await promotions.register();
    const newer = await promotions.register();
    const asked = await Promise.all([
      promotions.open({ version: older.version, person: 'ada' }),
      promotions.open({ version: newer.version, person: 'grace' }),
    ]);
    const seen = await Promise.all(
      asked.map(({ id }) => promotions.untilPhase(id, ['awaiting-review'])),
    );
    const open = seen.filter(({ state }) => state.phase === 'awaiting-review');
    const [closed] = seen.filter(({ state }) => state.phase === 'closed');
    return closed
      ? and(
          explained(closed, 'closed', /^Superseded by version/),
          open.length === 1,
          'the other one goes on',
        )
      : { holds: false, detail: `${open.length} of them stayed open` };
  },
};

/** What people do on GitHub, or at the same time. */
export const peopleScenes = [
  editsMain,
  editsWrongly,
  editsDuringMerge,
  movesMainBack,
  rewritesBranch,
  rewordsBranch,
  closing('somebody removes the branch', ({ promotions, changeRequest }) =>
    promotions.clone.removeBranch(changeRequest.branch),
  ),
  closing(
    'somebody closes the pull request there',
    ({ stack, changeRequest }) =>
      stack.github.people.close(changeRequest.number),
  ),
  mergesThere,
  proposesThere,
  twoAtOnce,
];
