import { expect, test } from '@playwright/test';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { signIn } from './people';

/** A receiver that keeps what it was told, and answers as it is told to. */
async function startReceiver() {
  const told: { headers: IncomingHttpHeaders; body: string }[] = [];
  const answer = { status: 503 };
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    told.push({ headers: req.headers, body });
    res.writeHead(answer.status).end('noted');
  });
  await new Promise<void>(resolve => {
    server.listen(0, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/hooks`,
    told,
    answer,
    stop: () => server.close(),
  };
}

test('a web hook is made, tried, looked into, silenced and taken away', async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const receiver = await startReceiver();
  const page = await signIn(browser, 'Ada');
  const name = `ci-${Date.now()}`;
  await page.goto('/ai-registry/webhooks');
  await page.getByRole('button', { name: 'New web hook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make web hook' }).click();
  await expect(dialog.getByText(/begins with https/)).toBeVisible();
  await expectAccessible(page, 'the dialog of a new web hook');
  await dialog.getByRole('textbox', { name: /Name/ }).fill(name);
  await dialog.getByRole('textbox', { name: /Address/ }).fill(receiver.url);
  await dialog.getByRole('combobox', { name: /Model/ }).fill('digits');
  // Closes the list of models.
  await page.keyboard.press('Tab');
  const asked = page.waitForRequest(
    request =>
      request.method() === 'POST' && request.url().endsWith('/webhooks'),
  );
  await dialog.getByRole('button', { name: 'Make web hook' }).click();
  const { secret } = (await asked).postDataJSON();
  await expect(page.getByText('Copy it now')).toBeVisible();
  await expect(page.getByText(secret)).toBeVisible();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await expectAccessible(page, 'web hooks');
  await expectFitsPhone(page, 'web hooks');

  await page.getByRole('link', { name }).click();
  await expect(page.getByText('With its secret')).toBeVisible();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('It answered 503.')).toBeVisible();
  receiver.answer.status = 200;
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('The receiver took it')).toBeVisible();
  const { headers, body } = receiver.told[1];
  const signed = `${headers['x-mlflow-delivery-id']}.${headers['x-mlflow-timestamp']}.${body}`;
  expect(headers['x-mlflow-signature']).toBe(
    `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  );
  const deliveries = page.getByRole('table', { name: 'Deliveries' });
  await expect(deliveries.getByText('a test')).toHaveCount(2);
  await expectAccessible(page, 'a web hook');
  await expectFitsPhone(page, 'a web hook');

  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Disable it' }).click();
  await expect(page.getByText('This web hook is disabled')).toBeVisible();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the web hook' }).click();
  await expect(page.getByRole('heading', { name: 'Web hooks' })).toBeVisible();
  await expect(page.getByRole('link', { name })).toHaveCount(0);
  receiver.stop();
});
