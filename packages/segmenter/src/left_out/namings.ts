/** Stands for what each family knows of others' names. */
export const namings: Readonly<Record<string, never>> = {};
