/** What training has taken between two moments, of the jobs that the caller may see. */
export interface TrainingCosts {
  /** ISO 8601. */
  from: string;
  /** ISO 8601; of what still runs, up to now. */
  to: string;
  /** By team, model and currency, the dearest first; at most 500. */
  items: CostItem[];
  /** Jobs that cost most, the dearest first; at most 20. */
  dearest: DearJob[];
  /** Of the teams that have one, for the calendar month (UTC) of now. */
  budgets: BudgetUse[];
}

export interface CostItem {
  /** Entity ref. */
  team: string;
  /** What the jobs add versions to; undefined where they name none. */
  model?: string;
  /** Undefined where the flavors had no price. */
  currency?: string;
  /** 0 where the flavors had no price. */
  amount: number;
  /** Hours of one unit of a flavor. */
  unitHours: number;
  jobs: number;
}

export interface DearJob {
  id: string;
  name: string;
  run: string;
  team: string;
  model?: string;
  currency: string;
  amount: number;
}

/** How far a team is with its budget of the month. */
export interface BudgetUse {
  /** Entity ref. */
  team: string;
  amount: number;
  spent: number;
  currency: string;
  /** Whether running jobs are ended too when it is used up. */
  stops: boolean;
}

export interface CostQuery {
  /** ISO 8601; the start of the calendar month (UTC) when it is left out. */
  from?: string;
  /** ISO 8601; now when it is left out. At most 366 days after `from`. */
  to?: string;
}
