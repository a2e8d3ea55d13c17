/** How a server is that runs models which data planes of its environment ask. */
export interface ModelServerRun {
  /** Unique in its environment. */
  name: string;
  protocol: 'open-inference' | 'openai';
  state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failing';
  /** ISO 8601; left out where it is stopped. */
  since?: string;
  /** Where data planes reach it, within the cluster. */
  address: string;
  /** How many of it are wanted, and how many answer. */
  replicas: { wanted: number; ready: number };
  /** What is not as it should be, in a sentence. */
  problem?: string;
}
