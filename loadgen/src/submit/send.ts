/** How transactions are given to the node. `arcology`: many at once by arn_sendRawTransactions, which answers with a count. */
export const SUBMIT_METHODS = ['standard', 'arcology'] as const
export type SubmitMethod = (typeof SUBMIT_METHODS)[number]
