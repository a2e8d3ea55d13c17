// @ts-check
import { chromium } from '@playwright/test';

const PAGE_MILLIS = 60_000;
const LONGEST_COMPLAINT = 2_000;

/**
 * Whether an error in the console is none of ours. React names the components around what it warns
 * of: the fresh app has such warnings on its own pages, too. The channel of signals is not open while
 * the backend starts.
 */
function isOfOthers(text) {
  return (
    (text.startsWith('Warning: ') && !text.includes('@greenroom/')) ||
    text.startsWith("WebSocket connection to 'ws://")
  );
}

/** A person with a browser in the portal. */
export class Visitor {
  /** What the browser complained about: exceptions, console errors, answers with a 5xx status. */
  complaints = [];
  #browser;
  #page;
  #url;

  /** @param {{ program: string, url: string }} options - of Chromium, and of the portal */
  static async start({ program, url }) {
    const visitor = new Visitor();
    visitor.#url = url;
    visitor.#browser = await chromium.launch({
      executablePath: program,
      args: [
        // Chromium's sandbox does not work for root, which container CI usually is.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    visitor.#page = await visitor.#browser.newPage({
      viewport: { width: 1360, height: 900 },
    });
    visitor.#page.setDefaultTimeout(PAGE_MILLIS);
    visitor.#page.on('pageerror', error =>
      visitor.complaints.push(error.message),
    );
    visitor.#page.on('console', message => {
      const text = message.text();
      if (message.type() === 'error' && !isOfOthers(text)) {
        visitor.complaints.push(text.slice(0, LONGEST_COMPLAINT));
      }
    });
    visitor.#page.on('response', response => {
      if (response.status() >= 500) {
        visitor.complaints.push(`${response.status()} ${response.url()}`);
      }
    });
    return visitor;
  }

  stop() {
    return this.#browser.close();
  }

  /** As a new app lets everybody in. */
  async signIn() {
    await this.#page.goto(this.#url);
    const enter = this.#page.getByRole('button', { name: 'Enter' });
    const inside = this.#page.getByRole('link', { name: 'AI registry' });
    // An app of the old frontend system lets its only kind of guest in by itself.
    await enter.or(inside).first().waitFor();
    if (await enter.isVisible()) await enter.click();
    await inside.waitFor();
  }

  /**
   * Opens an address and waits for a text that stands there.
   *
   * @param {string} path
   * @param {string} text
   * @param {string} [press] - name of a button that is pressed before
   */
  async see(path, text, press) {
    await this.#page.goto(`${this.#url}${path}`);
    if (press) await this.#page.getByRole('button', { name: press }).click();
    await this.#page.getByText(text).first().waitFor();
  }

  /** Where a link on the page that is open leads. */
  async addressOf(name) {
    const link = this.#page.getByRole('link', { name }).first();
    return await link.getAttribute('href');
  }

  /** Looks at nothing, while the portal is away. */
  lookAway() {
    return this.#page.goto('about:blank');
  }

  picture(file) {
    return this.#page.screenshot({ path: file });
  }

  /**
   * Says what went wrong with a picture of what was seen instead.
   *
   * @template T
   * @param {string} file
   * @param {() => Promise<T>} act
   */
  async withPicture(file, act) {
    try {
      return await act();
    } catch (error) {
      await this.picture(file).catch(() => {});
      throw error;
    }
  }

  /** Follows the only promotion there is, and says yes to it. */
  async approve() {
    await this.see('/ai-registry/promotions', 'diabetes');
    await this.#page.locator('a[href*="/promotions/"]').first().click();
    await this.#page
      .getByRole('textbox', { name: 'Comment' })
      .fill('Looks right.');
    await this.#page.getByRole('button', { name: 'Approve' }).click();
    await this.#page
      .getByText(/^(Merged: production is on its way|Rolled out)/)
      .first()
      .waitFor();
  }

  /** @returns {Promise<string>} the secret of a new key for the model */
  async issueKey() {
    await this.see('/ai-inference/keys', 'Issue a key');
    await this.#page
      .getByRole('button', { name: 'Issue a key' })
      .first()
      .click();
    const dialog = this.#page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('first caller');
    await dialog.getByText('diabetes', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Issue the key' }).click();
    const secret = await dialog.locator('pre code').innerText();
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    return secret.trim();
  }
}
