/** The seed of what a run chooses: another one with FAULTS_SEED. The report names it. */
export const SEED = Number(process.env['FAULTS_SEED'] ?? 4);

/** Whether a broker must be there; without it the rows of the catalogue that need one are skipped, and reported as skipped. */
export const onKafka = process.env['EVENT_BUS'] === 'kafka' ? it : it.skip;

/** How many processes of each service run. */
export const INSTANCES = Number(process.env['FAULTS_INSTANCES'] ?? 2);
