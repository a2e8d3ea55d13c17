import { registryDatabases } from '../__testUtils__/registryDatabases';
import { GitCommand } from '../adapters/git/GitCommand';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const REASON = 'The test set is wrong:\nsee the analysis.';

describe('Overrides', () => {
  let harness: Harness;
  let id: string;

  beforeEach(async () => {
    harness = await createHarness(databases);
    await harness.register({ evaluation: evaluationWithErrors(20) });
    await harness.register({ evaluation: evaluationWithErrors(5) });
    await harness.deploy(1);
    ({ id } = await harness.promotions.promote(
      {
        model: 'digits',
        version: 2,
        environment: 'production',
        reason: 'It is needed.',
      },
      ada,
    ));
    await harness.work();
  });
  afterEach(() => harness.stop());

  const overrideEvaluation = (who: typeof ada) =>
    harness.promotions.override(
      id,
      { gate: 'evaluation', reason: REASON },
      who,
    );

  it('let a version pass that is worse, for a reason that stays', async () => {
    const blocked = await harness.promotions.get(id, grace);
    expect(blocked.state.phase).toBe('blocked');
    expect(blocked.override).toEqual({ allowed: true, gates: ['evaluation'] });

    const overridden = await overrideEvaluation(grace);
    expect(overridden).toMatchObject({
      state: { phase: 'awaiting-review' },
      overrides: [
        {
          gate: 'evaluation',
          by: 'user:default/grace',
          reason: REASON,
          isInForce: true,
        },
      ],
    });
    expect(
      overridden.gates.find(gate => gate.id === 'evaluation'),
    ).toMatchObject({ status: 'failed' });
    await harness.work();
    expect(harness.notifications.send).toHaveBeenCalledWith(
      expect.objectContaining({
        payload: expect.objectContaining({
          title: 'Review needed: promote(digits): v2 -> production',
        }),
      }),
    );
    await expect(overrideEvaluation(grace)).rejects.toThrow(
      "The gate 'evaluation' holds nothing up",
    );
    await harness.promotions.approve(id, {}, grace);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('completed');

    const { changeRequest } = await harness.promotions.get(id, grace);
    const { comments } = await harness.localHost.getChangeRequest(
      changeRequest!.number,
    );
    expect(comments).toMatchObject([
      {
        author: { name: 'grace' },
        text: expect.stringMatching(
          /^Overrides the gate "Evaluation is not worse" for [0-9a-f]{40}:\n\nThe test set/,
        ),
      },
    ]);
    const entries = await harness
      .knex('audit_entries')
      .where({ action: 'promotion-gate-overridden' });
    expect(entries).toMatchObject([
      {
        actor: 'user:default/grace',
        subject: id,
        environment: 'production',
        after: { gate: 'evaluation', reason: REASON },
      },
    ]);
    const git = new GitCommand(harness.directory);
    expect(
      await git.text({ args: ['log', '-1', '--format=%B', 'main'] }),
    ).toContain(
      'Overridden-gate: evaluation by user:default/grace: The test set is wrong: see the analysis.',
    );
  });

  it('are for a second person, and for gates that stand against it', async () => {
    await expect(overrideEvaluation(ada)).rejects.toThrow(
      'You asked for this promotion yourself: a second person has to override its gates.',
    );
    const override = (gate: 'servable' | 'drift') =>
      harness.promotions.override(
        id,
        { gate: gate as 'servable', reason: REASON },
        grace,
      );
    await expect(override('servable')).rejects.toThrow(
      "The gate 'servable' holds nothing up",
    );
    await expect(override('drift')).rejects.toThrow(
      'gate: expected one of artifact-digest, servable, signature-compatible, evaluation',
    );
  });

  it('are never of the artifact', async () => {
    const record = await harness.store.get(id);
    await harness.changes.transaction(tx =>
      harness.store.save(tx, {
        ...record,
        gates: record.gates.map(gate =>
          gate.id === 'artifact-digest' ? { ...gate, status: 'failed' } : gate,
        ),
      }),
    );
    await expect(
      harness.promotions.override(
        id,
        { gate: 'artifact-digest', reason: REASON },
        grace,
      ),
    ).rejects.toThrow("Nobody overrides the gate 'artifact-digest'");
    expect((await harness.promotions.get(id, grace)).override).toEqual({
      allowed: true,
      gates: ['evaluation'],
    });
  });

  it('hold for what the gates looked at, and for nothing later', async () => {
    await overrideEvaluation(grace);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    const { changeRequest } = await harness.promotions.get(id, grace);
    const path = 'environments/production/models/digits.yaml';
    const content = await harness.localHost.readFile({
      path,
      revision: changeRequest!.branch,
    });
    const change = (line: string, author: { name: string; email: string }) =>
      harness.clone.push({
        branch: changeRequest!.branch,
        path,
        content: `# ${line}\n${content}`,
        author,
      });
    await change('Looked at.', { name: 'Linus', email: 'linus@example.com' });
    await harness.work();
    await harness.work();
    const again = await harness.promotions.get(id, grace);
    expect(again.state).toMatchObject({ failedGates: ['evaluation'] });
    expect(again.overrides).toMatchObject([{ isInForce: false }]);
    // Run again on the same revision, it would still hold: it is of that revision.
    await overrideEvaluation(grace);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');

    // Whom the catalog does not know may be the one who overrides.
    await change('Once more.', { name: 'Hand', email: 'hand@example.com' });
    await harness.work();
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('blocked');
    await expect(overrideEvaluation(grace)).rejects.toThrow(
      'Hand <hand@example.com> changed the branch, whom the catalog does not know',
    );
  });
});
