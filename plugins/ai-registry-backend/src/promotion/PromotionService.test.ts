import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { streamOf } from '@greenroom/artifact-store/testing';
import {
  Environments,
  type Signature,
} from '@greenroom/plugin-ai-registry-common';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { GitCommand } from '../adapters/git/GitCommand';
import type { GitHost } from '../environments/GitHost';
import type { Serving } from '../environments/ServingState';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
  SIGNATURE,
} from './__testUtils__/createHarness';
import { PromotionStore } from './PromotionStore';

jest.setTimeout(180_000);

const databases = registryDatabases();
const linus = {
  credentials: mockCredentials.user('user:default/linus'),
};
const PATH = 'environments/production/models/digits.yaml';

describe('PromotionService', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const promote = (version: number) =>
    harness.promotions.promote(
      {
        model: 'digits',
        version,
        environment: 'production',
        reason: 'Fewer mistakes.',
      },
      ada,
    );
  const onMain = async () =>
    harness.localHost.readFile({
      path: PATH,
      revision: await harness.localHost.mainRevision(),
    });
  const pushManifest = async (
    branch: string,
    change: (text: string) => string,
    options: { from?: string; author?: string } = {},
  ) => {
    const text = await harness.localHost.readFile({
      path: PATH,
      revision: options.from ?? branch,
    });
    const name = options.author ?? 'hand';
    return harness.clone.push({
      branch,
      path: PATH,
      content: change(text ?? ''),
      author: { name, email: `${name}@example.com` },
    });
  };

  it('promotes, refuses the author, lets a second person approve, and rolls back', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    const first = await harness.deploy(1);
    expect(await harness.aliasOf('production')).toBe(1);

    const { id } = await promote(2);
    await harness.work();
    const waiting = await harness.promotions.get(id, grace);
    expect(waiting).toMatchObject({
      kind: 'promotion',
      fromVersion: 1,
      requestedBy: 'user:default/ada',
      state: { phase: 'awaiting-review' },
      changeRequest: {
        title: 'promote(digits): v2 -> production',
        branch: 'promote/digits/v2-production',
        url: `/ml/promotions/${id}`,
      },
      review: { allowed: true },
    });
    expect(waiting.gates.map(gate => gate.status)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
    ]);
    expect(waiting.gates[3].evidence).toMatchObject({
      comparedWith: 1,
      base: 0.9,
      candidate: 0.95,
      paired: { improvement: expect.closeTo(0.05), rows: 800 },
    });
    expect(waiting.diff).toContain('-  version: 1');
    expect(waiting.diff).toContain('+  version: 2');
    expect(waiting.body).toContain(
      'version 2 of **digits** instead of version 1',
    );
    expect(waiting.body).toContain('| improvement | 0.05 (95 % confidence:');
    expect(harness.notifications.send).toHaveBeenCalledWith(
      expect.objectContaining({
        recipients: {
          type: 'entity',
          entityRef: ['group:default/vision-team', 'group:default/ml-platform'],
          excludeEntityRef: 'user:default/ada',
        },
      }),
    );
    expect(await harness.aliasOf('production')).toBe(1);

    await expect(harness.promotions.approve(id, {}, ada)).rejects.toThrow(
      'You asked for this promotion yourself: a second person has to approve it.',
    );
    expect((await harness.promotions.get(id, ada)).review).toMatchObject({
      allowed: false,
    });

    const approved = await harness.promotions.approve(
      id,
      { comment: 'Good numbers' },
      grace,
    );
    expect(approved.state).toEqual({
      phase: 'merging',
      approvedBy: 'user:default/grace',
    });
    await harness.work();
    const merged = await harness.promotions.get(id, ada);
    expect(merged.state).toEqual({
      phase: 'completed',
      commit: await harness.localHost.mainRevision(),
      mergedAt: expect.any(String),
      completedAt: expect.any(String),
      outcome: {
        kind: 'serving',
        note: 'Version 2 got all traffic of production.',
      },
    });
    const untaken = merged.steps.filter(step => step.status !== 'done');
    expect(untaken.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'check-connection',
        'evaluate-prompts',
        'compare-cost',
      ]),
    );
    for (const { status, skippedBecause } of untaken) {
      expect(status).toBe('skipped');
      expect(skippedBecause).toBeTruthy();
    }
    expect(merged.reviews).toMatchObject([
      { reviewer: 'user:default/grace', comment: 'Good numbers' },
    ]);
    expect(await harness.aliasOf('production')).toBe(2);
    expect(await harness.deployments.list()).toMatchObject([
      {
        version: 2,
        promotionId: id,
        kind: 'promotion',
        changedBy: 'user:default/ada',
        rollbackTo: { version: 1 },
      },
    ]);

    const rollback = await harness.promotions.rollBack(
      { model: 'digits', environment: 'production', reason: 'Too slow.' },
      ada,
    );
    expect(rollback).toMatchObject({ kind: 'rollback', version: 1 });
    await harness.work();
    const back = await harness.promotions.get(rollback.id, ada);
    expect(back.state.phase).toBe('completed');
    expect(back.changeRequest?.branch).toBe('rollback/digits/v1-production');
    expect(back.gates.map(gate => [gate.id, gate.status])).toEqual([
      ['artifact-digest', 'passed'],
      ['signature-compatible', 'passed'],
    ]);
    expect(await harness.aliasOf('production')).toBe(1);
    expect(await harness.deployments.list()).toMatchObject([
      { version: 1, kind: 'rollback', rollout: { strategy: 'immediate' } },
    ]);
    const { items: history } = await harness.aliasStore.history('digits');
    expect(
      history.map(({ version, promotionId }) => ({ version, promotionId })),
    ).toEqual([
      { version: 1, promotionId: rollback.id },
      { version: 2, promotionId: id },
      { version: 1, promotionId: first },
    ]);
    await expect(
      harness.promotions.rollBack(
        { model: 'digits', environment: 'production', reason: 'More.' },
        ada,
      ),
    ).rejects.toThrow('production has no version of');
  });

  it('goes the whole way again with a version that was rolled back', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.deploy(1);
    await harness.deploy(2);
    await harness.promotions.rollBack(
      { model: 'digits', environment: 'production', reason: 'Why not.' },
      grace,
    );
    await harness.work();
    expect(await harness.aliasOf('production')).toBe(1);
    const id = await harness.deploy(2);
    expect(await harness.phaseOf(id)).toBe('completed');
    expect(await harness.aliasOf('production')).toBe(2);
  });

  it('keeps what people wrote into the manifest', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.deploy(1);
    await pushManifest('main', text => `# Ask the vision team.\n${text}`);
    await harness.deploy(2);
    expect(await onMain()).toMatch(/^# Ask the vision team\.\n[^]*version: 2/);
  });

  it('writes a manifest of the first version as one of today, and says so', async () => {
    const one = await harness.register({
      evaluation: evaluationWithErrors(10),
    });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    const first = `# Ask the vision team.
apiVersion: greenroom.dev/v1
kind: ModelDeployment
metadata: { name: digits, environment: production }
spec:
  version: 1
  digest: ${one.digest} # as registered
  rollout: { strategy: immediate, steps: [] }
  batching: { mode: off } # rows are not independent
`;
    await pushManifest('main', () => first);
    await harness.work();
    expect(await harness.aliasOf('production')).toBe(1);

    const { id } = await promote(2);
    await harness.work();
    const { diff, body } = await harness.promotions.get(id, grace);
    expect(diff).toContain('-apiVersion: greenroom.dev/v1');
    expect(diff).toContain('+apiVersion: greenroom.dev/v2');
    expect(diff).toContain('+# yaml-language-server: $schema=http://portal/');
    expect(body).toContain(
      'The manifest is written as greenroom.dev/v2 instead of greenroom.dev/v1. That alone changes nothing',
    );
    await harness.promotions.approve(id, {}, grace);
    await harness.work();
    expect(await onMain()).toMatch(
      /^# yaml.*\n# Ask the vision team\.\napiVersion: greenroom.dev\/v2\n[^]*version: 2\n.*# as registered\n[^]*batching: \{ mode: off \} # rows/,
    );

    await pushManifest('main', () => first);
    await harness.work();
    expect(await harness.aliasOf('production')).toBe(1);
    expect(await harness.deployments.problems()).toEqual([]);
    expect(await harness.deployments.list()).toMatchObject([
      { version: 1, batching: { mode: 'off' } },
    ]);
  });

  it('says nothing of the format where that stays', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.deploy(1);
    const { id } = await promote(2);
    await harness.work();
    const { body } = await harness.promotions.get(id, grace);
    expect(body).not.toContain('### Format');
  });

  it('blocks a version that is worse, and lets nobody approve it', async () => {
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.register({ evaluation: evaluationWithErrors(5) });
    await harness.deploy(1);
    const { id } = await promote(2);
    await harness.work();
    const blocked = await harness.promotions.get(id, grace);
    expect(blocked.state).toEqual({
      phase: 'blocked',
      failedGates: ['evaluation'],
    });
    expect(blocked.gates[3].summary).toContain('more than 0.0095 may be lost');
    expect(blocked.body).toContain('| Evaluation is not worse | FAILED |');
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      'It does not pass its gates (evaluation)',
    );
    const again = await harness.promotions.retry(id, ada);
    expect(again.state.phase).toBe('checking');
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('blocked');
    expect(await harness.aliasOf('production')).toBe(1);
  });

  it('blocks a version that callers of the running one cannot use', async () => {
    const evaluation = evaluationWithErrors(10);
    const other: Signature = { ...SIGNATURE, inputs: [] };
    await harness.register({ evaluation });
    await harness.register({ evaluation, signature: other });
    await harness.deploy(1);
    const { id } = await promote(2);
    await harness.work();
    const { gates, state } = await harness.promotions.get(id, grace);
    expect(state).toMatchObject({ failedGates: ['signature-compatible'] });
    expect(gates[2].summary).toContain("Input 'X' is gone");
  });

  it('hashes every file of a bundle, and names the one that has changed', async () => {
    const files = ['weights', 'tokenizer'];
    const { version } = await harness.registerBundle(files);
    const tokenizer = Buffer.from('tokenizer');
    const { digest } = await harness.artifacts.put(streamOf(tokenizer));
    const hex = digest.slice('sha256:'.length);
    const stored = path.join(
      ...[harness.folder, 'artifacts/sha256', hex.slice(0, 2)],
      ...[hex.slice(2, 4), hex],
    );
    await writeFile(stored, 'tampered');
    const { id } = await promote(version);
    await harness.work();
    const gate = async () => (await harness.promotions.get(id, grace)).gates[0];
    expect(await gate()).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining("bytes of 'tokenizer' are not the ones"),
      evidence: { expected: digest, sizeBytes: 8 },
    });

    await rm(stored);
    await harness.promotions.retry(id, grace);
    await harness.work();
    expect(await gate()).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining(
        "does not have the bytes of 'tokenizer' any more",
      ),
    });

    await harness.artifacts.put(streamOf(tokenizer));
    await harness.promotions.retry(id, grace);
    await harness.work();
    expect(await gate()).toMatchObject({
      status: 'passed',
      summary: expect.stringContaining('The 2 files, 16 bytes, and the list'),
    });
  });

  it('blocks a version whose stored bytes have changed', async () => {
    await harness.register();
    const folder = path.join(harness.folder, 'artifacts');
    const files = await readdir(folder, { recursive: true });
    const artifact = files.find(file => /[0-9a-f]{64}$/.test(file))!;
    await writeFile(path.join(folder, artifact), 'tampered');
    const { id } = await promote(1);
    await harness.work();
    const { gates, state } = await harness.promotions.get(id, grace);
    expect(state).toMatchObject({ failedGates: ['artifact-digest'] });
    expect(gates[0].evidence).toMatchObject({ sizeBytes: 8 });
  });

  it('says that a version is deprecated, and is held up by nothing', async () => {
    const { version } = await harness.register();
    await harness.knex('deprecations').insert({
      model: 'digits',
      version,
      since: new Date(),
      message: 'It was trained on the wrong rows.',
      deprecated_by: 'user:default/ada',
    });
    const { id } = await promote(version);
    await harness.work();
    const { gates, state } = await harness.promotions.get(id, grace);
    expect(gates.find(gate => gate.id === 'deprecation')).toMatchObject({
      status: 'warned',
      summary: expect.stringContaining("Version 1 of model 'digits'"),
    });
    expect(state).toEqual({ phase: 'awaiting-review' });
  });

  it('closes the older promotion to the same place', async () => {
    await harness.register();
    await harness.register();
    const older = await promote(1);
    await harness.work();
    const newer = await promote(2);
    await harness.work();
    expect(await harness.promotions.get(older.id, ada)).toMatchObject({
      state: {
        phase: 'closed',
        reason: `Superseded by version 2 (promotion ${newer.id}).`,
      },
    });
    expect(await harness.phaseOf(newer.id)).toBe('awaiting-review');
    const { items: open } = await harness.localHost.listChangeRequests({
      state: 'open',
    });
    expect(open.map(request => request.branch)).toEqual([
      'promote/digits/v2-production',
    ]);
    expect(
      await harness.promotions.list({ open: true, model: 'digits' }, ada),
    ).toMatchObject([{ id: newer.id }]);
    expect(await harness.promotions.list({ open: false }, ada)).toMatchObject([
      { id: older.id },
    ]);
  });

  it('takes a second promotion of the same version, on the same branch', async () => {
    await harness.register();
    const older = await promote(1);
    await harness.work();
    const newer = await promote(1);
    await harness.work();
    expect(await harness.phaseOf(older.id)).toBe('closed');
    await harness.promotions.approve(newer.id, {}, grace);
    await harness.work();
    expect(await harness.phaseOf(newer.id)).toBe('completed');
    expect(await harness.aliasOf('production')).toBe(1);
  });

  it('is rejected with a reason, and can be asked for again', async () => {
    await harness.register();
    const { id } = await promote(1);
    await harness.work();
    const closed = await harness.promotions.close(
      id,
      { reason: 'Not before the holidays' },
      grace,
    );
    expect(closed).toMatchObject({
      state: { phase: 'closed', closedBy: 'user:default/grace' },
      reviews: [{ verdict: 'rejected', comment: 'Not before the holidays' }],
    });
    await harness.work();
    expect(
      await harness.localHost.listChangeRequests({ state: 'open' }),
    ).toEqual({ items: [] });
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      'It is closed already',
    );
    await expect(
      harness.promotions.close(id, { reason: 'x' }, ada),
    ).rejects.toThrow('it cannot be closed');
    const again = await harness.deploy(1);
    expect(await harness.phaseOf(again)).toBe('completed');
  });

  it('is closed although the worker took a step between reading and writing', async () => {
    await harness.register();
    const { id } = await promote(1);
    const { get } = PromotionStore.prototype;
    const read = jest
      .spyOn(PromotionStore.prototype, 'get')
      .mockImplementationOnce(async function getThenStep(
        this: PromotionStore,
        promotionId,
      ) {
        const record = await get.call(this, promotionId);
        await harness.knex.transaction(tx => this.save(tx, record));
        return record;
      });
    const closed = await harness.promotions.close(id, { reason: 'x' }, ada);
    read.mockRestore();
    expect(closed.state).toMatchObject({ phase: 'closed', reason: 'x' });
    expect(await harness.phaseOf(id)).toBe('closed');
  });

  it('refuses what makes no sense', async () => {
    await harness.register();
    await expect(promote(7)).rejects.toThrow('There is no version 7');
    await harness.deploy(1);
    await expect(promote(1)).rejects.toThrow(
      "production runs version 1 of 'digits' already",
    );
    const { id } = (await harness.promotions.list({}, ada))[0];
    await expect(harness.promotions.retry(id, ada)).rejects.toThrow(
      'only a failed step or gates that did not pass, also of what serves',
    );
    await expect(
      harness.promotions.rollBack(
        { model: 'digits', environment: 'staging', reason: 'x' },
        ada,
      ),
    ).rejects.toThrow("staging has no version of 'digits' to go back to");
  });

  it('refuses the approval of somebody who pushed to the branch', async () => {
    await harness.register();
    const { id } = await promote(1);
    await harness.work();
    await pushManifest(
      'promote/digits/v1-production',
      text => text.replace('holdSeconds: 1', 'holdSeconds: 2'),
      { author: 'grace' },
    );
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      'You changed the branch of this promotion',
    );
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      'You changed the branch of this promotion',
    );
  });

  it('looks again at a branch that was changed after its gates', async () => {
    await harness.register();
    await harness.register();
    const { id } = await promote(1);
    await harness.work();
    await pushManifest('promote/digits/v1-production', text =>
      text.replace('version: 1', 'version: 2'),
    );
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      'The branch was changed since the gates looked at it',
    );
    await harness.work();
    const { state, gates } = await harness.promotions.get(id, grace);
    expect(state.phase).toBe('blocked');
    expect(gates[0].summary).toContain('The branch would deploy version 2');
  });

  it('blocks a branch that changes other files too', async () => {
    await harness.register();
    const { id } = await promote(1);
    await harness.work();
    await harness.clone.push({
      branch: 'promote/digits/v1-production',
      path: 'environments/production/models/other.yaml',
      content: 'version: 1\n',
      author: { name: 'hand', email: 'hand@example.com' },
    });
    await harness.work();
    const { gates } = await harness.promotions.get(id, grace);
    expect(gates[0].summary).toContain(
      'The branch changes more than environments/production/models/digits.yaml: environments/production/models/other.yaml',
    );
  });

  it('goes on with a branch that somebody pushed', async () => {
    const { version, digest } = await harness.register();
    const branch = 'promote/digits/v1-production';
    await harness.clone.push({
      branch: 'main',
      onto: branch,
      path: PATH,
      content: `# by hand
apiVersion: greenroom.dev/v1
kind: ModelDeployment
metadata: { name: digits, environment: production }
spec:
  version: ${version}
  digest: ${digest}
  rollout: { strategy: immediate, steps: [] }
`,
      author: { name: 'Linus', email: 'linus@example.com' },
    });
    const id = await harness.deploy(1);
    expect(await harness.phaseOf(id)).toBe('completed');
    expect(await onMain()).toMatch(/^# by hand/);
  });

  it('makes the branch anew where it went before its change request was opened', async () => {
    await harness.register();
    const removed: string[] = [];
    const host = new Proxy(harness.localHost, {
      get: (target, name: keyof GitHost) => {
        if (name !== 'openChangeRequest') return target[name].bind(target);
        return async (request: Parameters<GitHost['openChangeRequest']>[0]) => {
          if (removed.length === 0) {
            removed.push(request.branch);
            await harness.clone.removeBranch(request.branch);
          }
          return target.openChangeRequest(request);
        };
      },
    });
    const { promotions, worker } = harness.start({ gitHost: host });
    const { id } = await promotions.promote(
      {
        model: 'digits',
        version: 1,
        environment: 'production',
        reason: 'It is ready.',
      },
      ada,
    );
    await worker.runOnce(new AbortController().signal);
    expect(removed).toEqual(['promote/digits/v1-production']);
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
  });

  it('fails on a branch that somebody pushed with something else, and goes on when it is gone', async () => {
    await harness.register();
    await harness.clone.push({
      branch: 'main',
      onto: 'promote/digits/v1-production',
      path: PATH,
      content: 'nonsense: 1\n',
      author: { name: 'Hand', email: 'hand@example.com' },
    });
    const { id } = await promote(1);
    await harness.work();
    const failed = await harness.promotions.get(id, ada);
    expect(failed.state).toMatchObject({
      phase: 'failed',
      step: 'create-branch',
      error: expect.stringContaining('was pushed by somebody'),
    });
    await harness.clone.removeBranch('promote/digits/v1-production');
    const again = await harness.promotions.retry(id, ada);
    expect(again.state.phase).toBe('checking');
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
  });

  it('ends when somebody removes its branch', async () => {
    await harness.register();
    const { id } = await promote(1);
    await harness.work();
    await harness.clone.removeBranch('promote/digits/v1-production');
    await harness.work();
    expect(await harness.promotions.get(id, ada)).toMatchObject({
      state: {
        phase: 'closed',
        reason: expect.stringContaining('was removed'),
      },
    });
  });

  it('compares again, and rebuilds its branch, when main moved', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.register({ evaluation: evaluationWithErrors(40) });
    await harness.deploy(1);
    const { id } = await promote(3);
    await harness.work();
    const two = await harness.versions.get('digits', 2);
    const one = await harness.versions.get('digits', 1);
    await pushManifest('main', text =>
      text.replace('version: 1', 'version: 2').replace(one.digest, two.digest),
    );
    await harness.work();
    expect(await harness.aliasOf('production')).toBe(2);
    const { fromVersion, gates, state } = await harness.promotions.get(
      id,
      grace,
    );
    expect({ fromVersion, phase: state.phase }).toEqual({
      fromVersion: 2,
      phase: 'awaiting-review',
    });
    expect(gates[3].evidence).toMatchObject({ comparedWith: 2 });
    await harness.promotions.approve(id, {}, grace);
    await harness.work();
    expect(await harness.aliasOf('production')).toBe(3);
  });

  it('ends when somebody pushed the same to main', async () => {
    await harness.register();
    const { id } = await promote(1);
    await harness.work();
    await pushManifest('main', text => text, {
      from: 'promote/digits/v1-production',
    });
    await harness.work();
    expect(await harness.promotions.get(id, ada)).toMatchObject({
      state: {
        phase: 'closed',
        reason: expect.stringContaining('production runs version 1 already'),
      },
    });
    expect(await harness.aliasOf('production')).toBe(1);
    expect(await harness.deployments.list()).toMatchObject([{ kind: 'push' }]);
  });

  it.each([true, false])(
    'takes note when somebody merged its branch by hand (fast-forward: %s)',
    async fastForward => {
      await harness.register();
      const { id } = await promote(1);
      await harness.work();
      if (!fastForward) {
        await harness.clone.push({
          branch: 'main',
          path: 'notes.md',
          content: 'x\n',
          author: { name: 'Hand', email: 'hand@example.com' },
        });
      }
      await harness.clone.mergeByHand({
        branch: 'promote/digits/v1-production',
        fastForward,
      });
      await harness.work();
      expect(await harness.promotions.get(id, ada)).toMatchObject({
        state: {
          phase: 'completed',
          commit: await harness.localHost.mainRevision(),
        },
      });
      expect(await harness.deployments.list()).toMatchObject([
        { version: 1, promotionId: id, kind: 'promotion' },
      ]);
    },
  );

  it('follows the rollout to its end, and says what holds it', async () => {
    const { digest } = await harness.register();
    const serving: Serving = {
      commit: '',
      variants: [],
      dataPlanes: 1,
      onDemand: false,
      state: 'waiting',
      reason: 'No Op registered for Frobnicate.',
      acts: [],
    };
    harness.world.serving = async place => {
      const [wanted] = await harness.deployments.list(place);
      return wanted && { ...serving, commit: wanted.commit };
    };
    const id = await harness.deploy(1);
    const { state, steps } = await harness.promotions.get(id, ada);
    expect(state).toMatchObject({
      phase: 'rolling-out',
      waitingFor: 'No Op registered for Frobnicate.',
    });
    expect(steps.at(-1)).toMatchObject({ status: 'running', attempts: 1 });
    await expect(promote(1)).rejects.toThrow(
      /production is meant to run version 1 of 'digits' already, since commit .* and is not there yet: No Op registered/,
    );
    // A place that is on its way is open for the next change.
    await harness.knex('promotion_work').update({ due_at: new Date() });
    serving.state = 'serving';
    await harness.work();
    expect((await harness.promotions.get(id, ada)).state).toMatchObject({
      phase: 'completed',
      outcome: { kind: 'serving' },
    });
    await expect(promote(1)).rejects.toThrow(
      "production runs version 1 of 'digits' already",
    );
    expect(digest).toBeDefined();
  });

  it('has Git ask for what serves when a version is taken back, once', async () => {
    await harness.register();
    await harness.register();
    await harness.deploy(1);
    harness.world.serving = async place => {
      const [wanted] = await harness.deployments.list(place);
      return (
        wanted && {
          commit: wanted.commit,
          variants: [{ version: 1, weightPercent: 100 }],
          dataPlanes: 1,
          onDemand: false,
          acts: [],
          ...(wanted.version === 2
            ? {
                state: 'rejected',
                reason:
                  'Version 2 was taken back by user:default/grace: errors',
              }
            : { state: 'serving' }),
        }
      );
    };
    const { id } = await promote(2);
    await harness.work();
    await harness.promotions.approve(
      id,
      { accepts: ['evaluation'], comment: 'Fine' },
      grace,
    );
    await harness.work();
    await harness.work();
    const [rollback, ...others] = await harness.promotions.list({}, ada);
    expect(others).toHaveLength(2);
    expect(rollback).toMatchObject({
      kind: 'rollback',
      version: 1,
      reason: `Version 2 was taken back by user:default/grace: errors (promotion ${id})`,
      state: { phase: 'completed', outcome: { kind: 'serving' } },
    });
    expect((await harness.promotions.get(id, ada)).state).toMatchObject({
      phase: 'completed',
      outcome: {
        kind: 'rejected',
        note: `Version 2 was taken back by user:default/grace: errors. Git goes back to version 1 by promotion ${rollback.id}.`,
      },
    });
    expect(await harness.deployments.list()).toMatchObject([{ version: 1 }]);
  });

  it('lets a hotfix pass a rollout that does not end, and says that it took over', async () => {
    await harness.register();
    await harness.register();
    harness.world.serving = async () => {
      throw new Error('connection refused');
    };
    const stuck = await harness.deploy(1);
    expect((await harness.promotions.get(stuck, ada)).state).toMatchObject({
      phase: 'rolling-out',
      waitingFor: expect.stringContaining('connection refused'),
    });
    const { id } = await promote(2);
    await harness.work();
    await harness.promotions.approve(
      id,
      { accepts: ['evaluation'], comment: 'Urgent' },
      grace,
    );
    await harness.work();
    harness.world.serving = async () => undefined;
    await harness.knex('promotion_work').update({ due_at: new Date() });
    await harness.work();
    expect((await harness.promotions.get(stuck, ada)).state).toMatchObject({
      phase: 'completed',
      outcome: {
        kind: 'superseded',
        note: expect.stringContaining('asks for version 2'),
      },
    });
  });

  it('blocks what no data plane can serve, before anything is merged', async () => {
    await harness.register();
    harness.world.servability = {
      state: 'unservable',
      triedAt: '2026-05-03T08:00:00.000Z',
      runtime: 'greenroom-inference-server 0.1.0',
      reason: 'Opset 99 is under development.',
    };
    const { id } = await promote(1);
    await harness.work();
    expect(await harness.promotions.get(id, ada)).toMatchObject({
      state: { phase: 'blocked', failedGates: ['servable'] },
      gates: [
        {},
        {
          id: 'servable',
          summary:
            'greenroom-inference-server 0.1.0 cannot serve it: Opset 99 is under development.',
        },
        {},
        {},
      ],
    });
    expect(await harness.aliasOf('production')).toBeUndefined();
  });

  it('asks a reviewer for a reason where nothing can be compared, and keeps it', async () => {
    await harness.register();
    await harness.deploy(1);
    await harness.register();
    const { id } = await promote(2);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      "The gate 'evaluation' could not tell: Version 2 has no evaluation",
    );
    await expect(
      harness.promotions.approve(id, { accepts: ['evaluation'] }, grace),
    ).rejects.toThrow('comment: say why evaluation may pass without proof');
    await expect(
      harness.promotions.approve(
        id,
        { accepts: ['evaluation', 'servable'], comment: 'Seen' },
        grace,
      ),
    ).rejects.toThrow("accepts: the gate 'servable' is not undecided");
    await harness.promotions.approve(
      id,
      { accepts: ['evaluation'], comment: 'Seen by hand\nall of it' },
      grace,
    );
    await harness.work();
    const { reviews, state } = await harness.promotions.get(id, ada);
    expect(state.phase).toBe('completed');
    expect(reviews).toMatchObject([{ accepts: ['evaluation'] }]);
    const { revision } = (await harness.localHost.lastChange({
      path: '.',
      revision: await harness.localHost.mainRevision(),
    }))!;
    const repository = new GitCommand(harness.directory);
    expect(
      await repository.text({ args: ['log', '-1', '--format=%B', revision] }),
    ).toContain(
      'Accepted-without-proof: evaluation by user:default/grace: Seen by hand all of it',
    );
  });

  it('compares evaluations that were added after the versions were registered', async () => {
    await harness.register();
    await harness.deploy(1);
    await harness.register();
    const { id } = await promote(2);
    await harness.work();
    const add = (version: number, everyNth: number) =>
      harness.knex.transaction(tx =>
        harness.evaluations.add(
          tx,
          { model: 'digits', version },
          {
            evaluation: evaluationWithErrors(everyNth),
            addedBy: 'user:default/ada',
          },
        ),
      );
    await add(1, 10);
    await add(2, 20);
    await add(2, 10);
    await harness.promotions.close(id, { reason: 'Evaluated now' }, ada);
    const again = await promote(2);
    await harness.work();
    const { gates } = await harness.promotions.get(again.id, ada);
    expect(gates[3]).toMatchObject({
      status: 'passed',
      evidence: { comparedWith: 1, candidate: 0.9 },
    });
  });

  it('goes back to any version that ran before', async () => {
    for (const everyNth of [10, 20, 40]) {
      const { version } = await harness.register({
        evaluation: evaluationWithErrors(everyNth),
      });
      await harness.deploy(version);
    }
    await harness.register();
    const rollBack = (version: number) =>
      harness.promotions.rollBack(
        {
          model: 'digits',
          environment: 'production',
          reason: 'Worse.',
          version,
        },
        ada,
      );
    await expect(rollBack(4)).rejects.toThrow('never ran in production');
    await expect(rollBack(3)).rejects.toThrow('runs version 3');
    await rollBack(1);
    await harness.work();
    expect(await harness.aliasOf('production')).toBe(1);
  });

  it('lets no promotion wait for the whole way of another', async () => {
    await harness.register();
    const ids: string[] = [];
    for (const environment of ['dev', 'staging', 'production'] as const) {
      const { id } = await harness.promotions.promote(
        { model: 'digits', version: 1, environment, reason: 'All.' },
        ada,
      );
      ids.push(id);
    }
    const order: string[] = [];
    const engine = {
      advance: async (id: string) => {
        order.push(id);
        return order.length < 9 ? new Date() : undefined;
      },
    };
    const store = new PromotionStore({ knex: harness.knex });
    while (await store.work.workOnNext(engine.advance));
    expect(order.slice(0, 9)).toEqual([...ids, ...ids, ...ids]);
  });

  it('asks for as many approvals of a rollback as configured', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.deploy(1);
    await harness.deploy(2);
    const { promotions, worker } = harness.start({ rollbackApprovals: 1 });
    const { id } = await promotions.rollBack(
      { model: 'digits', environment: 'production', reason: 'Hm.' },
      ada,
    );
    await worker.runOnce(new AbortController().signal);
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    await promotions.approve(id, {}, grace);
    await worker.runOnce(new AbortController().signal);
    expect(await harness.aliasOf('production')).toBe(1);
  });

  it('asks the groups whose approvals count, and takes none of anybody else', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    const environments = Environments.fromConfig(
      mockServices.rootConfig({
        data: {
          greenroom: {
            environments: [
              { name: 'live', approvals: { groups: ['group:default/risk'] } },
            ],
          },
        },
      }),
    );
    harness.world.groupsOf = {
      'user:default/linus': ['group:default/risk'],
      'user:default/grace': ['group:default/vision-team'],
    };
    const { promotions, worker } = harness.start({ environments });
    const { id } = await promotions.promote(
      { model: 'digits', version: 1, environment: 'live', reason: 'Ready.' },
      ada,
    );
    await worker.runOnce(new AbortController().signal);
    expect(harness.notifications.send).toHaveBeenCalledWith(
      expect.objectContaining({
        recipients: {
          type: 'entity',
          entityRef: ['group:default/risk'],
          excludeEntityRef: 'user:default/ada',
        },
      }),
    );
    const reason =
      'Only members of group:default/risk can approve what goes to live: ask one of them.';
    expect(await promotions.get(id, grace)).toMatchObject({
      approverGroups: ['group:default/risk'],
      review: { allowed: false, reason },
    });
    const refused = promotions.approve(id, {}, grace);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toMatchObject({ name: 'NotAllowedError' });
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    await promotions.approve(id, {}, linus);
    await worker.runOnce(new AbortController().signal);
    expect(await harness.aliasOf('live')).toBe(1);
  });

  it('takes a version from one configured environment to the next, with as many approvals as each asks for', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    const environments = Environments.fromConfig(
      mockServices.rootConfig({
        data: {
          greenroom: {
            environments: [
              { name: 'test' },
              { name: 'live', promotesFrom: 'test', approvals: { count: 2 } },
            ],
          },
        },
      }),
    );
    const { promotions, reconciler, worker } = harness.start({ environments });
    const work = async () => {
      await reconciler.reconcile();
      await worker.runOnce(new AbortController().signal);
    };
    const promoteTo = (environment: string) =>
      promotions.promote(
        { model: 'digits', version: 1, environment, reason: 'Ready.' },
        ada,
      );

    await expect(promoteTo('production')).rejects.toThrow(
      "environment: expected one of test, live, got 'production'",
    );
    await expect(promoteTo('live')).rejects.toThrow(
      "Version 1 of 'digits' has not run in test: promote it there first",
    );
    const first = await promoteTo('test');
    await work();
    await promotions.approve(first.id, {}, grace);
    await work();
    expect(await harness.aliasOf('test')).toBe(1);

    const second = await promoteTo('live');
    await work();
    await promotions.approve(second.id, {}, grace);
    await work();
    expect(await harness.phaseOf(second.id)).toBe('awaiting-review');
    await promotions.approve(second.id, {}, linus);
    await work();
    expect(await harness.aliasOf('live')).toBe(1);

    // What is not configured any more is no environment: the file says why it is not applied.
    await harness.clone.push({
      branch: 'main',
      path: PATH,
      content: 'version: 1',
      author: { name: 'hand', email: 'hand@example.com' },
    });
    await reconciler.reconcile();
    const problems = await harness.knex('environment_problems').select('*');
    expect(JSON.stringify(problems)).toContain(
      'expected one of the environments test, live',
    );
  });
});
