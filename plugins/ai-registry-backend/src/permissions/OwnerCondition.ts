/** A condition on owned things that their stores can turn into SQL. */
export type OwnerCondition =
  | {
      /** The owner is one of these entity refs. */
      ownerIn: string[];
    }
  | {
      /** The name is like one of these patterns, as SQL has them. */
      nameLike: string[];
    };
