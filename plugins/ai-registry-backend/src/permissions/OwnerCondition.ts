/** A condition on owned things that their stores can turn into SQL. */
export interface OwnerCondition {
  /** The owner is one of these entity refs. */
  ownerIn: string[];
}
