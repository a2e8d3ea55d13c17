import { expect, type Page, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { CLUSTER_PORTAL, ClusterStage, MODEL } from './clusterStage';
import { expectFitsPhone } from './fits';
import { signIn } from './people';

test.use({ baseURL: CLUSTER_PORTAL });
test.skip(
  !process.env.GREENROOM_TEST_KUBERNETES,
  'There is no control plane of Kubernetes: install Go 1.26 or newer.',
);

/** Everybody can read it: with a screen reader, in the dark, on a phone. */
async function expectReadable(page: Page, what: string) {
  await expectAccessible(page, what);
  await expectFitsPhone(page, what);
  await photograph(page, what);
}

/** For people who look at what a test cannot judge. */
async function photograph(page: Page, what: string) {
  for (const { width, colorScheme } of [
    { width: 1360, colorScheme: 'light' },
    { width: 1360, colorScheme: 'dark' },
    { width: 390, colorScheme: 'light' },
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 1_600 });
    await page.screenshot({
      path: test.info().outputPath(`${what} ${width} ${colorScheme}.png`),
    });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1360, height: 900 });
}

/** See docs/how-to/serve-on-kubernetes.md. */
test.describe.serial('what a cluster runs for environments', () => {
  let stage: ClusterStage;
  let grace: Page;

  test.beforeAll(async ({ browser }) => {
    stage = await ClusterStage.open();
    grace = await signIn(browser, 'Grace');
    await grace.goto('/ai-inference/deployments');
  });
  test.afterAll(() => stage?.close());

  const environment = (name: string) =>
    grace
      .getByRole('table', { name: 'Data planes on demand' })
      .getByRole('row', { name: new RegExp(`^${name} `) });

  test('pods start and are ready while somebody looks', async () => {
    await expect(environment('live')).toContainText('Asleep');
    await grace
      .getByRole('button', { name: 'Start the data plane of live' })
      .click();
    await grace.getByRole('button', { name: 'Pods of live' }).click();
    const pods = grace.getByRole('table', { name: 'Pods of live' });
    await expect(pods.getByRole('row')).toHaveCount(3);
    await expect(environment('live')).toContainText(
      'with 2 of 2 replicas ready',
      { timeout: 60_000 },
    );
    await expect(pods.getByText('Ready', { exact: true })).toHaveCount(2);
    await expect(pods).toContainText('node-one');
    const events = grace.getByRole('table', { name: 'Events of live' });
    await expect(events).toContainText('Scheduled');
    await expect(
      grace.getByText(
        '2 pods on Small cost EUR 0.50 an hour, EUR 360.00 in 30 days',
      ),
    ).toBeVisible();
    await expectReadable(grace, 'pods of an environment');
  });

  test('a cluster says how much of each flavor is free', async () => {
    const clusters = grace.getByRole('list', { name: 'Clusters' });
    await expect(clusters).toContainText(
      /test Reachable Kubernetes v1\.\d+\.\d+, 1 of 1 node ready, for stuck, live/,
    );
    // The pod whose image nobody has comes later.
    await expect(clusters).toContainText(
      '2 of 8 in use, 6 free; on 1 node; for live',
      { timeout: 60_000 },
    );
    await expectReadable(grace, 'clusters and their flavors');
  });

  test('the log of a pod says what its data plane does', async () => {
    await grace
      .getByRole('button', { name: /^Log of greenroom-live-/ })
      .first()
      .click();
    const dialog = grace.getByRole('dialog');
    await expect(dialog).toContainText('new routes');
    await expectReadable(grace, 'the log of a pod');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await expect(dialog).toHaveCount(0);
  });

  test('a pod whose image nobody has says so', async () => {
    await grace
      .getByRole('button', { name: 'Start the data plane of stuck' })
      .click();
    await expect(environment('stuck')).toContainText(
      /its image cannot be pulled: there is no image "example\/nobody-has-this:1"/,
    );
  });

  test('what somebody has changed in the cluster is told in words', async () => {
    await stage.scaleByHand(1);
    await expect(environment('live')).toContainText(
      'somebody has changed Deployment models/greenroom-live: spec.replicas is 1 and not 2',
    );
    await expectReadable(grace, 'what somebody has changed');
  });

  test('and put right once, by whoever may, after a look at it', async () => {
    await grace
      .getByRole('button', { name: 'Repair what differs in live' })
      .click();
    const dialog = grace.getByRole('dialog', { name: 'Repair live' });
    await expect(dialog.getByRole('listitem')).toHaveText([
      'somebody has changed Deployment models/greenroom-live: spec.replicas is 1 and not 2',
    ]);
    await expectReadable(grace, 'what is put right');
    await dialog.getByRole('button', { name: 'Put it right' }).click();
    await expect(
      grace.getByText('The cluster has what live wants again'),
    ).toBeVisible();
    await expect(environment('live')).not.toContainText('somebody has changed');
    await expect(environment('live')).toContainText(
      'with 2 of 2 replicas ready',
    );
    expect(await stage.replicas()).toBe(2);
  });

  test("a deployment's own page shows what runs for it", async () => {
    await stage.deployModel();
    await expect(async () => {
      await grace.goto(`/ai-inference/deployments/live/${MODEL}`);
      await expect(
        grace.getByRole('table', { name: 'Data planes on demand' }),
      ).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expectReadable(grace, 'a deployment that a cluster runs');
  });
});
