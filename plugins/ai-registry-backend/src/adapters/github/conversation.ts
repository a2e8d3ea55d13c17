import type { ChangeRequest, Person } from '../../environments/GitHost';
import type { Markers } from './markers';

/** As much of an account as matters. */
export interface Account {
  id: number;
  login: string;
}

export interface ReviewOnGitHub {
  user: Account | null;
  state: string;
  body: string;
  commit_id: string | null;
  submitted_at?: string;
}

export interface CommentOnGitHub {
  user: Account | null;
  body?: string | null;
  created_at: string;
}

/** What people said of a pull request, on GitHub or in the portal. */
export type Conversation = Pick<
  ChangeRequest,
  'approvals' | 'objections' | 'comments'
> & {
  /** Ids of what Greenroom has written there for people. */
  written: Set<string>;
  /** A reason was given for closing it. */
  isClosing: boolean;
};

/** Somebody with an account. Their address is the one that GitHub gives to everybody. */
export function toPerson({ id, login }: Account, host: string): Person {
  return {
    name: login,
    email: `${id}+${login}@users.noreply.${host}`,
    ...accountOf(login),
  };
}

/** Names of people have no brackets on GitHub: these are apps. */
export function accountOf(login: string): Pick<Person, 'account' | 'isBot'> {
  return login.endsWith('[bot]')
    ? { account: login, isBot: true }
    : { account: login };
}

/** The account that an address belongs to, where it says so itself. */
export function accountOfEmail(
  email: string,
  host: string,
): string | undefined {
  const [local, domain] = email.split('@');
  if (domain !== `users.noreply.${host}`) return undefined;
  return local.replace(/^\d+\+/, '');
}

const VERDICTS = new Set(['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED']);

/** The newest verdict of each account; what only says something leaves it as it is. */
function verdictsOf(reviews: ReviewOnGitHub[]): ReviewOnGitHub[] {
  const newest = new Map<number, ReviewOnGitHub>();
  for (const review of reviews) {
    if (review.user && VERDICTS.has(review.state)) {
      newest.set(review.user.id, review);
    }
  }
  return [...newest.values()];
}

/** Puts together what reviews and comments say, each in the name of whoever said it. */
export function readConversation(options: {
  reviews: ReviewOnGitHub[];
  comments: CommentOnGitHub[];
  markers: Markers;
  /** What comments are signed for. */
  where: string;
  /** Greenroom's own account. */
  self: string;
  host: string;
}): Conversation {
  const { reviews, comments, markers, where, self, host } = options;
  const conversation: Conversation = {
    approvals: [],
    objections: [],
    comments: [],
    written: new Set(),
    isClosing: false,
  };
  for (const { user, state, body, commit_id, submitted_at } of verdictsOf(
    reviews,
  )) {
    if (!user || user.login === self) continue;
    const author = toPerson(user, host);
    if (state === 'APPROVED' && commit_id) {
      conversation.approvals.push({ author, head: commit_id });
    }
    if (state === 'CHANGES_REQUESTED') {
      const at = submitted_at ?? '';
      conversation.objections.push({ author, text: body, at });
    }
  }
  for (const { user, body, submitted_at } of reviews) {
    if (user && user.login !== self && body && submitted_at) {
      const author = toPerson(user, host);
      conversation.comments.push({ author, text: body, at: submitted_at });
    }
  }
  for (const { user, body, created_at: at } of comments) {
    if (!user) continue;
    const isOurs = user.login === self;
    const { text, marked } = markers.read(body ?? '', { where, isOurs });
    if (!marked || marked.kind === 'opened') {
      conversation.comments.push({ author: toPerson(user, host), text, at });
      continue;
    }
    conversation.written.add(marked.id);
    if (marked.kind === 'approval') {
      conversation.approvals.push({ author: marked.by, head: marked.head });
      continue;
    }
    if (marked.kind === 'closing') conversation.isClosing = true;
    const said = withoutName(text);
    conversation.comments.push({ author: marked.by, text: said, at });
  }
  conversation.comments.sort((a, b) => a.at.localeCompare(b.at));
  return conversation;
}

const NAMED = /^\*\*[^*\n]*\*\* in Greenroom:\r?\n\r?\n/;

/** Says to readers on GitHub whose words they are: the account is Greenroom's. */
export function withName(text: string, { name }: Person): string {
  return `**${plainName(name)}** in Greenroom:\n\n${text}`;
}

function withoutName(text: string): string {
  return text.replace(NAMED, '');
}

/** A name does not call anybody, nor does it end the words around it. */
export function plainName(name: string): string {
  return name.replace(/[@*_`[\]<>\n\r]/g, '').trim() || 'Somebody';
}
