import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { signIn } from './people';
import { brakedVersions, isPortalThere, type Play, Stage } from './rollouts';

const half = [{ weightPercent: 50, holdSeconds: 3_600 }];
const pageOf = (model: string) =>
  `/ai-inference/deployments/production/${model}`;

/** Fails one time in eleven: too seldom for a brake or for its connection to be left alone, often enough to be seen soon. */
const failing: Play = {
  model: 'failing',
  connection: 'shaky',
  behaviour: { failsBelow: 9 },
  rollout: () => ({ rollout: { strategy: 'canary', steps: half } }),
};

/** Gets twice as many clicks. */
const clicked: Play = {
  model: 'clicked',
  connection: 'steady',
  behaviour: {},
  outcome: version => ({
    name: 'clicked',
    value: Math.random() < (version === '2' ? 0.6 : 0.3),
  }),
  rollout: ([first, second]) => ({
    rollout: {
      strategy: 'experiment',
      control: { ...first, sharePercent: 50 },
      treatments: [{ ...second, sharePercent: 50 }],
      end: { atMostSeconds: 120, minUnitsPerVariant: 500, winner: 'serve' },
    },
    analysis: {
      metrics: [
        {
          name: 'clicks',
          measure: { kind: 'outcome', outcome: 'clicked' },
          direction: 'higher-is-better',
          margin: 0.01,
          alpha: 0.05,
          power: 0.8,
        },
      ],
      minUnitsPerVariant: 500,
    },
    outcomes: { samplePercent: 100, keepDays: 1 },
  }),
};

/** Answers one request in four otherwise. */
const differing: Play = {
  model: 'differing',
  connection: 'steady',
  behaviour: { answer: x => (x % 4 === 0 ? 3 * x + 1 : 2 * x) },
  rollout: () => ({
    rollout: {
      strategy: 'shadow',
      samplePercent: 100,
      maxCopiesInFlight: 50,
      forSeconds: 3_600,
    },
    analysis: {
      metrics: [
        {
          name: 'same-answers',
          measure: { kind: 'agreement' },
          direction: 'higher-is-better',
          margin: 0.5,
          alpha: 0.05,
          power: 0.8,
        },
      ],
      minUnitsPerVariant: 100,
    },
  }),
};

/** Works until it breaks, all of it. */
const breaking: Play = {
  model: 'breaking',
  connection: 'shaky',
  behaviour: {},
  rollout: () => ({ rollout: { strategy: 'canary', steps: half } }),
};

/** A brake looks at the last ten seconds, half of which have to have failed. */
const LONGEST_BRAKING_MILLIS = 8_000;

test.describe.serial('statistics move the traffic', () => {
  const stage = new Stage();
  let ada: Page;

  test.beforeAll(async ({ browser }) => {
    await stage.open([failing, clicked, differing, breaking]);
    ada = await signIn(browser, 'Ada');
  });

  test.afterAll(() => stage.close());

  test('a bad canary is taken back by itself while Ada watches', async () => {
    await ada.goto(pageOf('failing'));
    await expect(ada.getByText('v1 100 %')).toBeVisible();
    await stage.rollOut('failing');
    await expect(ada.getByText('v2 50 %')).toBeVisible();
    const happened = ada.getByRole('list', {
      name: 'What happened in the rollout',
    });
    const last = happened.getByRole('listitem').first();
    // Chance decides how many requests it takes.
    await expect(last).toContainText(/Taken back by the analysis.*errors/, {
      timeout: 120_000,
    });
    await last.getByText('What it was decided by').click();
    await expect(last).toContainText(/errors, version 2: worse, effect 0\.\d+/);
    await expect(ada.getByText('v1 100 %')).toBeVisible();
    await stage.quieten('failing');

    // Nobody has asked for it.
    await ada.goto(await stage.wayBack('failing'));
    await expect(ada.getByText(/taken back/i).first()).toBeVisible();
    await expect(
      ada.getByRole('region', {
        name: 'Change of environments/production/models/failing.yaml',
      }),
    ).toContainText(/removed:.*2.*added:.*1/s);
  });

  test('an experiment is read to its end', async () => {
    await stage.rollOut('clicked', 'differing', 'breaking');
    await ada.goto(pageOf('clicked'));
    const metrics = ada.getByRole('table', { name: 'What decides' });
    await expect(metrics).toContainText('mean of the outcome clicked');
    await expect(metrics).toContainText(/Chance to win/);
    await expect(ada.getByText(/callers came as planned \(p = /)).toBeVisible();
    await expect(
      ada.getByRole('list', { name: 'What happened in the rollout' }),
    ).toContainText(/Version 2 gets all traffic/, { timeout: 90_000 });
    await stage.quieten('clicked');
    await expect(
      metrics
        .getByRole('row', { name: /clicks/ })
        .getByText('Better', { exact: true }),
    ).toBeVisible();
    await expect(ada.getByText('v2 100 %')).toBeVisible();
    await expect(ada.getByText('Effect on clicks')).toBeVisible();
    // How it stands is remembered every ten seconds, the end too.
    await expect(async () => {
      const { callers, effect, lower } = await exportedClicks();
      expect(callers).toBeGreaterThanOrEqual(500);
      expect(effect).toBeGreaterThan(0.1);
      expect(lower).toBeGreaterThan(0);
    }).toPass({ timeout: 30_000 });
  });

  test("a shadow's disagreement is inspected, and Ada takes it back", async () => {
    await ada.goto(pageOf('differing'));
    await expect(
      ada.getByRole('heading', { name: 'Shadow', exact: true }),
    ).toBeVisible();
    await expect(ada.getByText('v1 100 %')).toBeVisible();
    const row = ada
      .getByRole('table', { name: 'What decides' })
      .getByRole('row', { name: /same-answers/ });
    await expect(row).toContainText('share of copies with the same answer');
    await expect(row).toContainText(/7[3-7](\.\d+)? %/);
    expect(stage.failedAt('differing')).toEqual([]);
    await stage.quieten('differing');

    await ada
      .getByRole('button', { name: 'Take back: differing in production' })
      .click();
    const dialog = ada.getByRole('dialog');
    await dialog
      .getByRole('textbox', { name: 'Reason' })
      .fill('A quarter of its answers are others.');
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await expect(
      ada
        .getByRole('list', { name: 'What happened in the rollout' })
        .getByRole('listitem')
        .first(),
    ).toContainText('A quarter of its answers are others.');
    await stage.wayBack('differing');
  });

  test('a brake is pulled while the control plane is away, which says so when it is back', async () => {
    await stage.untilShared('breaking');
    await ada.goto(pageOf('breaking'));
    await expect(ada.getByText('v2 50 %')).toBeVisible();
    stage.killControlPlane();
    await expect.poll(isPortalThere).toBe(false);
    const brokenAt = Date.now();
    stage.endpoint.behave('breaking-2', { failsBelow: Infinity });
    await expect
      .poll(brakedVersions, { intervals: [100] })
      .toEqual([expect.stringMatching(/model="breaking",version="2"/)]);
    const brakedAfterMillis = Date.now() - brokenAt;
    test.info().annotations.push({
      type: 'braked after',
      description: `${brakedAfterMillis} ms`,
    });
    expect(brakedAfterMillis).toBeLessThan(LONGEST_BRAKING_MILLIS);
    expect(await isPortalThere()).toBe(false);
    const failures = stage.failedAt('breaking').length;

    await expect.poll(isPortalThere, { timeout: 90_000 }).toBe(true);
    const last = ada
      .getByRole('list', { name: 'What happened in the rollout' })
      .getByRole('listitem')
      .first();
    await expect(last).toContainText(
      /Taken back by the brake of a data plane/,
      { timeout: 60_000 },
    );
    await last.getByText('What it was decided by').click();
    await expect(last).toContainText(/requests of version 2 failed/);
    await expect(ada.getByText('v1 100 %')).toBeVisible();
    // Those that were on their way when it was pulled had failed already.
    expect(stage.failedAt('breaking').length - failures).toBeLessThan(5);
    await stage.wayBack('breaking');
  });

  /** The last line on clicks of the file that the page gives. */
  async function exportedClicks() {
    const download = ada.waitForEvent('download');
    await ada.getByRole('button', { name: 'Export CSV' }).click();
    const [names, ...lines] = readFileSync(
      await (await download).path(),
      'utf8',
    )
      .trim()
      .split('\r\n');
    expect(names).toBe(
      'at,metric,version,callers,effect,lower,upper,chance_to_win',
    );
    const last = lines.filter(line => line.includes(',clicks,2,')).at(-1) ?? '';
    const [, , , callers, effect, lower] = last.split(',').map(Number);
    return { callers, effect, lower };
  }
});
