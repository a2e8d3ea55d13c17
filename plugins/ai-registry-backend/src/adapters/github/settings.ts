/** Which repository on GitHub, and how it is used. */
export interface GitHubSettings {
  owner: string;
  repository: string;
  /** Page of the repository, without a slash at its end. */
  pageUrl: string;
  /** Base URL of the API. */
  apiUrl: string;
  /** What Greenroom says who it is with. */
  credentials: GitHubCredentials;
  /** What deliveries are signed with; undefined: none are taken. */
  webhookSecret?: string;
  mergeMethod: MergeMethod;
  /** Whether main is made to require the check of Greenroom. */
  requireChecks: boolean;
  /** How often everything is looked at, whatever webhooks say. */
  sweepMillis: number;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export type GitHubCredentials =
  | {
      kind: 'app';
      appId: number;
      /** PEM. */
      privateKey: string;
    }
  | { kind: 'token'; token: string };
