import { randomUUID } from 'node:crypto';
import type { Person } from '../../environments/GitHost';
import { plainName, withName } from './conversation';
import type { GitHubApi } from './GitHubApi';
import type { Marked, Markers } from './markers';
import type { Pull } from './pull';
import { type PullRequests, saidIn } from './PullRequests';

const MOST_ATTEMPTS = 3;

/** Writes into pull requests what people said and decided in the portal. */
export class Comments {
  readonly #api: GitHubApi;
  readonly #markers: Markers;
  readonly #pulls: PullRequests;

  constructor(options: {
    api: GitHubApi;
    markers: Markers;
    pulls: PullRequests;
  }) {
    this.#api = options.api;
    this.#markers = options.markers;
    this.#pulls = options.pulls;
  }

  say(pull: Pull, { author, text }: { author: Person; text: string }) {
    const marked = { kind: 'comment', by: author, id: randomUUID() } as const;
    return this.#write(pull, withName(text, author), marked);
  }

  /** Once for each person and revision. */
  async approve(
    pull: Pull,
    { author, head }: { author: Person; head: string },
  ): Promise<void> {
    const { approvals } = await this.#pulls.conversationOf(pull);
    const isKnown = approvals.some(
      given => given.author.email === author.email && given.head === head,
    );
    if (isKnown) return;
    await this.#write(
      pull,
      `**${plainName(author.name)}** approves ${head.slice(
        0,
        12,
      )} in Greenroom.`,
      { kind: 'approval', by: author, id: randomUUID(), head },
    );
  }

  /** Once: whoever was killed between the reason and the closing comes again. */
  async giveReason(
    pull: Pull,
    { author, reason }: { author: Person; reason: string },
  ): Promise<void> {
    const { isClosing } = await this.#pulls.conversationOf(pull);
    if (isClosing) return;
    const marked = { kind: 'closing', by: author, id: randomUUID() } as const;
    await this.#write(pull, withName(reason, author), marked);
  }

  /** GitHub may have taken a comment although its answer was lost: it is looked for before it is sent again. */
  async #write(
    pull: Pull,
    text: string,
    marked: Marked & { id: string },
  ): Promise<void> {
    const { octokit, here } = this.#api;
    const body = this.#markers.sign(text, marked, saidIn(pull.number));
    for (let attempt = 1; ; attempt++) {
      try {
        await octokit.rest.issues.createComment({
          ...here,
          issue_number: pull.number,
          body,
        });
        break;
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !mayHaveBeenTaken(error)) throw error;
        this.#pulls.forget(pull.number);
        const { written } = await this.#pulls.conversationOf(pull);
        if (written.has(marked.id)) break;
      }
    }
    this.#pulls.forget(pull.number);
  }
}

function mayHaveBeenTaken(error: unknown): boolean {
  const { name, status } = error as { name?: string; status?: number };
  return name === 'GitHubError' && (status === undefined || status >= 500);
}
