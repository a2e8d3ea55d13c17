import { expect, type Page, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { chooseInTable } from './keyboard';
import { goTo, signIn } from './people';

/** The first job makes a Python environment, of wheels that may have to be fetched. */
const PREPARED_MILLIS = 300_000;
/** Tells the jobs of this play from those of earlier ones. */
const STARTED = Date.now();
const LONG = { timeout: PREPARED_MILLIS };

test.describe.configure({ mode: 'serial' });

test.describe('training jobs', () => {
  test.setTimeout(600_000);
  let page: Page;
  const name = (what: string) => `${what}-${STARTED}`;

  test.beforeAll(async ({ browser }) => {
    page = await signIn(browser, 'Ada');
  });

  test('a job is started from the form of its template, which says what is wrong', async () => {
    await goTo(page, 'Training');
    await part(page, 'Templates').click();
    await expect(
      page.getByRole('region', { name: 'Digits', exact: true }),
    ).toContainText('Vision team');
    await expectAccessible(page, 'templates');
    await expectFitsPhone(page, 'templates');
    await page.getByRole('link', { name: 'Start a job of digits' }).click();
    await expectAccessible(page, 'the form of a job');
    await expectFitsPhone(page, 'the form of a job');

    const epochs = page.getByRole('textbox', { name: /epochs/ });
    await epochs.fill('0');
    await startJob(page);
    await expect(page.getByText('expected at least 1, got 0')).toBeVisible();
    await expect(epochs).toBeFocused();
    // It still runs when its page has been looked at.
    await epochs.fill('400');
    // Only the server knows which groups somebody belongs to, and how much a machine has.
    await page.getByRole('textbox', { name: /^Memory/ }).fill('900Ti');
    await page.getByRole('textbox', { name: /^Name/ }).fill(name('first'));
    await startJob(page);
    await expect(page.getByText(/900Ti/).last()).toBeVisible();
    await expectAccessible(page, 'a form that is wrong');
    await page.getByRole('textbox', { name: /^Memory/ }).fill('1Gi');
    await startJob(page);
    await expect(heading(page, name('first'))).toBeVisible();
  });

  test('others wait behind it, and the queue says so', async () => {
    await page.goto('/ai-training/templates/digits/start');
    // It still goes on when it is cancelled.
    await page.getByRole('textbox', { name: /epochs/ }).fill('1000');
    await page.getByRole('textbox', { name: /^Name/ }).fill(name('second'));
    await startJob(page);
    await expect(heading(page, name('second'))).toBeVisible();
    await expect(page.getByText('Queued').first()).toBeVisible();
    await part(page, 'Queue').click();
    const queued = page.getByRole('table', { name: 'Queued jobs' });
    await expect(
      queued.getByRole('row').filter({ hasText: name('second') }),
    ).toContainText(/waits for 1 unit|in the queue|just come/);
    await expect(
      page.getByRole('img', {
        name: /^Units of .*: 1 used, 0 free, [1-9] wanted/,
      }),
    ).toBeVisible();
    await expectAccessible(page, 'the queue');
    await expectFitsPhone(page, 'the queue');
  });

  test('it is watched while it runs: curves, progress and its log come by themselves', async () => {
    await part(page, 'Jobs').click();
    await expect(
      page.getByRole('row', { name: new RegExp(name('first')) }),
    ).toContainText(/Starting|Running/);
    await chooseInTable(
      page,
      page.getByRole('link', { name: name('first') }),
      'the first job',
    );
    await expect(heading(page, name('first'))).toBeVisible();
    await expect(stateOf(page)).toHaveText('Running', LONG);
    await expect(
      page.getByRole('progressbar', { name: `Progress of ${name('first')}` }),
    ).toBeVisible(LONG);
    await expect(
      page.getByRole('row', { name: /held_out_accuracy/ }),
    ).toBeVisible(LONG);
    await expect(
      page.getByRole('figure', { name: /held_out_accuracy/ }),
    ).toBeVisible();
    const log = page.getByRole('region', { name: 'Log of attempt 1' });
    await expect(log).toContainText(/epoch/i, LONG);
    await expectAccessible(page, 'a job that runs');
    await expectFitsPhone(page, 'a job that runs');

    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByRole('button', { name: 'Follow' })).toBeVisible();
    await page.getByRole('button', { name: 'Follow' }).click();

    await expectSucceeded(page);
    await expect(page.getByText(/nothing more comes/)).toBeVisible();
    await page
      .getByRole('searchbox', { name: 'Search the log' })
      .fill('no line has this');
    await expect(log).toHaveText('No line has that.');
    await expectAccessible(page, 'a job that succeeded');
  });

  test('its run and its job lead to each other', async () => {
    await page
      .getByRole('main')
      .getByRole('link', { name: /^[0-9a-f]{10}$/ })
      .click();
    const job = page.getByRole('region', { name: 'Job', exact: true });
    await expect(job).toContainText('Succeeded');
    await job.getByRole('link').click();
    await expect(heading(page, name('first'))).toBeVisible();
    await page.goBack();
    await page.goBack();
    await expect(heading(page, name('first'))).toBeVisible();
  });

  test('one is cancelled, tried again, and cloned with changes', async () => {
    await page.goto('/ai-training/jobs?phase=open');
    await page.getByRole('link', { name: name('second') }).click();
    await expect(heading(page, name('second'))).toBeVisible();
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await expectAccessible(page, 'the question whether a job is to end');
    await page.getByRole('button', { name: 'End it' }).click();
    await expect(stateOf(page)).toHaveText('Cancelled', LONG);
    await expect(
      page.getByRole('heading', { name: 'Cancelled by ada' }),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('button', { name: 'Retry job' }).click();
    await expect(stateOf(page)).toHaveText(/Queued|Starting|Running/);
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('button', { name: 'End it' }).click();
    await expect(stateOf(page)).toHaveText('Cancelled', LONG);

    await page.getByRole('link', { name: 'Clone with changes' }).click();
    await expect(
      page.getByText(`As ${name('second')} was`, { exact: true }),
    ).toBeVisible();
    const epochs = page.getByRole('textbox', { name: /epochs/ });
    await expect(epochs).toHaveValue('1000');
    await epochs.fill('2');
    await page.getByRole('textbox', { name: /^Name/ }).fill(name('clone'));
    await startJob(page);
    await expect(heading(page, name('clone'))).toBeVisible();
    await expect(page.getByRole('row', { name: /epochs/ })).toContainText('2');
    await expectSucceeded(page);

    await page.goto('/ai-training/jobs?phase=cancelled');
    await expect(
      page.getByRole('link', { name: name('second') }),
    ).toBeVisible();
    await expect(page.getByRole('link', { name: name('clone') })).toHaveCount(
      0,
    );
    await expectAccessible(page, 'jobs');
    await expectFitsPhone(page, 'jobs');
  });

  test('old and empty addresses open what they can', async () => {
    await page.goto('/ai-training/jobs?phase=cancelled&cursor=abc');
    const row = page.getByRole('row').filter({ hasText: name('second') });
    await expect(row).toBeVisible();
    await expect(page).toHaveURL(/\/jobs\?phase=cancelled$/);
    const link = row.getByRole('link', { name: name('second') });
    const id = (await link.getAttribute('href'))!.split('/').at(-1)!;

    const start = '/ai-training/templates/digits/start';
    await page.goto(`${start}?clone=&resume=`);
    await expect(page.getByRole('button', { name: 'Start job' })).toBeVisible();
    await page.goto(
      `${start}?clone=00000000-0000-4000-8000-000000000000&resume=${id}`,
    );
    await expect(page.getByText('This address names two jobs')).toBeVisible();
    await expectAccessible(page, 'an address with two jobs');
    await page.getByRole('link', { name: `Resume ${name('second')}` }).click();
    await expect(
      page.getByText(`Goes on from the checkpoints of ${name('second')}`),
    ).toBeVisible();
    // As the job was, not as the template is.
    await expect(page.getByRole('textbox', { name: /epochs/ })).toHaveValue(
      '1000',
    );
  });

  test('a template that is none is refused in the words of the server', async () => {
    await page.goto('/ai-training/templates');
    await page.getByRole('button', { name: 'Register template' }).click();
    const address = page.getByRole('textbox', { name: /Address/ });
    await address.fill('not an address');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await expect(page.getByText(/Expected the address/)).toBeVisible();
    await address.fill('https://git.example.invalid/v/d/blob/main/train.yaml');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await expect(
      page.getByText('The template was not registered'),
    ).toBeVisible();
    await expectAccessible(page, 'a template that was refused');
  });
});

function part(page: Page, label: string) {
  return page
    .getByRole('navigation', { name: 'Training' })
    .getByRole('link', { name: label, exact: true });
}

function heading(page: Page, title: string) {
  return page.getByRole('heading', { level: 2, name: title });
}

async function startJob(page: Page) {
  await page.getByRole('button', { name: 'Start job' }).click();
}

async function expectSucceeded(page: Page) {
  // One that failed is not waited for.
  await expect(stateOf(page)).toHaveText(/Succeeded|Failed/, LONG);
  await expect(stateOf(page)).toHaveText('Succeeded');
}

/** The word for where a job stands. */
function stateOf(page: Page) {
  return page
    .getByRole('main')
    .getByText(
      /^(Queued|Starting|Running|Stopping|Succeeded|Failed|Cancelled)$/,
    )
    .first();
}
