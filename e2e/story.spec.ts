import { expect, type Page, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { digits, infer, rotate } from './callers';
import { goTo, signIn } from './people';

const dataPlaneUrl =
  process.env.GREENROOM_E2E_DATA_PLANE_URL ?? 'http://localhost:7308';

test.describe.configure({ mode: 'serial' });

test.describe('a model version goes to production and back', () => {
  let ada: Page;
  let grace: Page;
  let promotionPath: string;
  let key: string;

  test.beforeAll(async ({ browser }) => {
    ada = await signIn(browser, 'Ada');
    grace = await signIn(browser, 'Grace');
  });

  test('Ada finds the model and asks for version 2 in production', async () => {
    await goTo(ada, 'AI registry');
    await ada.getByRole('searchbox').fill('handwritten');
    await expect(ada.getByRole('article')).toHaveCount(1);
    await ada.getByRole('link', { name: 'Handwritten digits' }).click();
    await ada.getByRole('link', { name: 'Version 2', exact: true }).click();
    await expect(
      ada.getByRole('heading', { name: 'Handwritten digits, version 2' }),
    ).toBeVisible();

    await ada.getByRole('button', { name: 'Promote' }).click();
    const dialog = ada.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Open promotion' }).click();
    await expect(dialog.getByText('Say why')).toBeVisible();
    for (const step of [1, 2]) {
      const hold = dialog.getByRole('textbox', {
        name: `Step ${step}: duration in seconds`,
      });
      await hold.fill('8');
      await hold.blur();
    }
    await dialog
      .getByRole('textbox', { name: 'Reason' })
      .fill('Reads two more digits in a hundred.');
    await dialog.getByRole('button', { name: 'Open promotion' }).click();
    await ada.waitForURL(/\/ai-registry\/promotions\/[^/]+$/);
    promotionPath = new URL(ada.url()).pathname;
  });

  test('the gates pass and show what they looked at', async () => {
    await expect(
      ada.getByText('All gates passed: a second person decides'),
    ).toBeVisible();
    for (const gate of [
      /artifact/i,
      /can serve it/,
      /signature/i,
      /evaluation/i,
    ]) {
      const card = ada.getByRole('article', { name: gate });
      await expect(card.getByText('Passed')).toBeVisible();
    }
    await expect(
      ada.getByRole('region', {
        name: 'Change of environments/production/models/digits.yaml',
      }),
    ).toContainText(/removed:\s*version: 1.*added:\s*version: 2/s);
  });

  test('Ada cannot approve her own promotion', async () => {
    await expect(ada.getByRole('button', { name: 'Approve' })).toBeDisabled();
    await expect(
      ada.getByText('You asked for this promotion yourself'),
    ).toBeVisible();
  });

  test('the pipeline shows it on its way, with its gates', async () => {
    await ada.goto('/ai-registry/promotions');
    await ada.getByRole('radio', { name: 'Pipeline' }).click();
    const digitsRow = ada.getByRole('row', { name: /Handwritten digits/ });
    await expect(digitsRow.getByText('Awaiting review')).toBeVisible();
    await expect(
      digitsRow
        .getByRole('list', { name: 'Gates of version 2' })
        .getByText('Evaluation is not worse: passed'),
    ).toBeAttached();
    await digitsRow.getByRole('link', { name: 'To version 2' }).click();
    await ada.waitForURL(`**${promotionPath}`);
  });

  test('Grace sees it waiting for her and approves', async () => {
    await goTo(grace, 'Home');
    await expect(
      grace.locator(`a[href$="${promotionPath}"]`).first(),
    ).toBeVisible();
    await grace.goto(promotionPath);
    await grace
      .getByRole('textbox', { name: 'Comment' })
      .fill('The interval is above the margin.');
    await grace.getByRole('button', { name: 'Approve' }).click();
    // The merge says what is wanted; the rollout has only begun.
    const merged = 'Merged: production is on its way to version 2';
    await expect(grace.getByText(merged)).toBeVisible();
    // Ada's page follows by itself.
    await expect(ada.getByText(merged)).toBeVisible();
  });

  test('Ada gets a key, and a caller who saw version 2 stays on it while the rollout moves', async () => {
    await ada.goto('/ai-inference/keys');
    await ada.getByRole('button', { name: 'Issue a key' }).click();
    const dialog = ada.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('browser test');
    await dialog.getByText('Handwritten digits').click();
    await dialog.getByRole('button', { name: 'Issue the key' }).click();
    key = (await dialog.locator('pre code').innerText()).trim();
    expect(key).toMatch(/^gr_/);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();

    // The data plane learns of the key with its next snapshot.
    await expect
      .poll(async () => (await ask({ caller: 'someone' })).status)
      .toBe(200);

    const callers = Array.from({ length: 40 }, (_, index) => `caller-${index}`);
    const moved = new Set<string>();
    await expect
      .poll(
        async () => {
          for (const caller of callers) {
            const { version } = await ask({ caller });
            if (version === '2') moved.add(caller);
            else expect(moved).not.toContain(caller);
          }
          return moved.size;
        },
        { timeout: 90_000, intervals: [1000] },
      )
      .toBe(callers.length);
  });

  test('the promotion ends with its rollout', async () => {
    await expect(
      grace.getByText('Rolled out: version 2 got all traffic of production'),
    ).toBeVisible();
  });

  test('the pipeline says what runs where', async () => {
    await grace.goto('/ai-registry/promotions/pipeline?search=handwritten');
    const production = grace
      .getByRole('row', { name: /Handwritten digits/ })
      .getByRole('cell')
      .last();
    await expect(
      production.getByRole('link', { name: 'Version 2', exact: true }),
    ).toBeVisible();
    await expect(production.getByText('serving')).toBeVisible();
    await expect(
      production.getByRole('button', {
        name: 'Roll back Handwritten digits in production to version 1',
      }),
    ).toBeVisible();
  });

  test('the deployments page shows that the rollout is over', async () => {
    await goTo(ada, 'Inference');
    const rollouts = ada.getByText(
      /digits in production: Version 1 to 2 by promotion/,
    );
    await expect(rollouts.first()).toBeVisible();
    await expect(ada.getByText('v2 100 %')).toBeVisible();
  });

  test('a wrong request is answered with what was expected', async () => {
    const short = await ask({ pixels: digits[0].pixels.slice(0, 60) });
    expect(short.status).toBe(400);
    expect(short.error).toMatch(/pixels.*64/);
    const stranger = await infer({
      url: dataPlaneUrl,
      key: 'gr_unknown',
      pixels: digits[0].pixels,
    });
    expect(stranger.status).toBe(401);
  });

  test('the answers are right as often as the evaluation says', async () => {
    let right = 0;
    for (const { pixels, digit } of digits) {
      const { label } = await ask({ pixels });
      if (label === digit) right++;
    }
    expect(right / digits.length).toBeCloseTo(0.983, 2);
  });

  test('the playground reads a drawn digit and shows the call', async () => {
    await ada.goto('/ai-inference/playground/digits');
    const pad = ada.getByRole('application');
    const box = await pad.boundingBox();
    if (!box) throw new Error('the drawing pad is not on the page');
    const x = box.x + box.width / 2;
    await ada.mouse.move(x, box.y + box.height * 0.1);
    await ada.mouse.down();
    await ada.mouse.move(x, box.y + box.height * 0.9, { steps: 20 });
    await ada.mouse.up();
    await expect(ada.getByText('Answered by version 2')).toBeVisible();
    await expect(ada.getByText('curl').first()).toBeVisible();
  });

  test('the dashboard shows the traffic, and drift when the digits are turned', async () => {
    await ada.goto('/ai-monitoring/models/digits');
    const verdict = ada.getByRole('region', { name: 'Verdict' });
    await expect(verdict).toContainText('version 2');
    const until = Date.now() + 20_000;
    for (let index = 0; Date.now() < until; index++) {
      await ask({ pixels: rotate(digits[index % digits.length].pixels) });
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    await expect(ada.getByText('Large drift').first()).toBeVisible({
      timeout: 60_000,
    });
    await expect(verdict).toContainText(/[1-9]\d* of 64/);
  });

  test('Ada rolls back with one action, and version 1 answers again', async () => {
    await ada.goto('/ai-registry/models/digits');
    await ada
      .getByRole('button', { name: 'Roll back production to version 1' })
      .click();
    const dialog = ada.getByRole('dialog');
    await dialog
      .getByRole('textbox', { name: 'Reason' })
      .fill('Turned digits come in.');
    await dialog
      .getByRole('button', { name: 'Roll back to version 1' })
      .click();
    await ada.waitForURL(/\/ai-registry\/promotions\/[^/]+$/);
    await expect(
      ada.getByText('Rolled out: version 1 got all traffic of production'),
    ).toBeVisible();
    await expect
      .poll(async () => (await ask({ caller: 'someone' })).version, {
        timeout: 60_000,
      })
      .toBe('1');
    // The promotion that was taken back does not say that its version runs.
    await grace.goto(promotionPath);
    await expect(
      grace.getByText('Since then production was moved to version 1'),
    ).toBeVisible();

    await ada.goto('/ai-registry/models/digits/aliases');
    await expect(ada.getByText('Turned digits come in.').first()).toBeVisible();
  });

  test('other teams find the model in the catalog', async () => {
    await ada.goto('/catalog/default/resource/digits');
    await expect(
      ada.getByRole('heading', { name: /digits/i }).first(),
    ).toBeVisible();
    await expect(ada.getByText('Vision team').first()).toBeVisible();
  });

  test('they find how it is called in production, too', async () => {
    await ada.goto('/catalog/production/api/digits');
    await expect(
      ada.getByRole('heading', { name: 'Handwritten digits in production' }),
    ).toBeVisible();
    await ada.goto('/catalog/production/api/digits/definition');
    await expect(
      ada.getByText('/v2/models/digits/infer').first(),
    ).toBeVisible();
  });

  test('Ada deprecates the model, and its callers see it: with their answers, in the catalog and on Deployments', async () => {
    // A notification says the same, but for the day.
    const said = "Model 'digits' is deprecated: no day is named";
    await ada.goto('/ai-registry/models/digits');
    await ada.getByRole('button', { name: 'Deprecate' }).click();
    const dialog = ada.getByRole('dialog');
    await dialog
      .getByRole('textbox', { name: 'Message' })
      .fill('Letters knows digits, too.');
    await dialog.getByRole('button', { name: 'Deprecate' }).click();
    await expect(ada.getByText(said)).toBeVisible();

    await expect
      .poll(async () => (await ask({})).deprecation, { timeout: 60_000 })
      .toMatch(/^@\d+$/);
    await grace.goto('/catalog/production/api/digits');
    await expect(
      grace.getByRole('heading', { name: 'Call this model' }),
    ).toBeVisible();
    await expect(grace.getByText(said)).toBeVisible();
    await expect(grace.getByText('version 1 in production')).toBeVisible();
    // The viewer of the API beside it has faults of its own: the same card is on the model's page.
    await grace.goto('/catalog/default/resource/digits');
    await expect(grace.getByText(said)).toBeVisible();
    await expectAccessible(grace, 'a deprecated model');
    await grace.goto('/ai-inference/deployments/production/digits');
    await expect(grace.getByText(said)).toBeVisible();

    await ada.getByRole('button', { name: 'Take deprecation back' }).click();
    await ada
      .getByRole('dialog')
      .getByRole('button', { name: 'Take it back' })
      .click();
    await expect(ada.getByText(said)).toHaveCount(0);
  });

  /** One request with Ada's key. */
  async function ask(options: { caller?: string; pixels?: number[] }) {
    return infer({
      url: dataPlaneUrl,
      key,
      pixels: options.pixels ?? digits[0].pixels,
      caller: options.caller,
    });
  }
});
