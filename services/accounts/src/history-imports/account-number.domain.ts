/** The purpose under which numbers of accounts are named. */
export const NUMBER_PURPOSE = 'partner-account-number';

/** What is named of a number: without blanks, since a file may write it with and the next without. */
export const plainNumber = (number: string): string => number.replaceAll(' ', '').toUpperCase();
