/** Stands for the sources of @atrous/zoo beside our own. */
export const others: readonly never[] = [];
