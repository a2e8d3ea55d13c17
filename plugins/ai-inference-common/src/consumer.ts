/** Who may call a model, as the keys say. */
export interface Consumer {
  /** Entity ref of the owner of the keys. */
  owner: string;
  /** Names of the keys that are good and cover the model. */
  keys: string[];
  /** When the last of them was used, for whichever model; undefined for never. */
  lastUsedAt?: string;
}
