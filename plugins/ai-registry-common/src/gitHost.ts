/** Where the environments repository lives, and what stands in the way of it. */
export interface GitHostDescription {
  /** What people call it: GitHub, or Git repository for one without pages of its own. */
  title: string;
  /** Page of the repository. */
  url?: string;
  /** What to give to `git clone`. */
  cloneUrl?: string;
  /** Empty where all is well. */
  problems: GitHostProblem[];
}

export interface GitHostProblem {
  /** `away`: what is shown may be old. `setup`: something is not set up there. */
  kind: 'away' | 'setup';
  /** What it is, and what to do. */
  text: string;
}
