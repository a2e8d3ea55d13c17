/** Something that was changed, as a plugin's audit log keeps it. */
export interface AuditEntry {
  /** Orders the entries of one plugin. */
  id: string;
  /** When it was changed, ISO 8601. */
  at: string;
  /** Entity ref of a person, or `service:<name>`. */
  actor: string;
  /** What was done: noun and past participle, e.g. `version-created`. */
  action: string;
  /** Model that it is about. */
  model?: string;
  /** Where, when it is about one environment. */
  environment?: string;
  /** What was changed besides the model, e.g. the id of a rollout or the name of a token. */
  subject?: string;
  /** Entity ref of who answers for what was changed, when that is no model. */
  owner?: string;
  /** What the change replaced; undefined when there was nothing. */
  before?: object;
  /** What the change put there; undefined when it took something away. */
  after?: object;
}

/** Which entries of an audit log are wanted; all filters have to fit. */
export interface AuditQuery {
  model?: string;
  environment?: string;
  subject?: string;
  actor?: string;
  action?: string;
  /** Not before this moment, ISO 8601. */
  from?: string;
  /** Before this moment, ISO 8601. */
  to?: string;
  /** 1 to 200; 50 when it is not named. */
  limit?: number;
  cursor?: string;
}

/** Entries of an audit log, newest first. */
export interface AuditPage {
  items: AuditEntry[];
  /** Asks for older ones; undefined when there are none. */
  nextCursor?: string;
}
