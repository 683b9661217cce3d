export { type IndexedColumn, indexedColumn } from './indexed-column';
export { printSealsLeft, type ResealReport, resealReport } from './reseal.report';
export { countByKey, firstFound, type OnFault, type ResealTask, type RowsByKey, underKey, Unreadable } from './reseal.task';
export { faultsTo, type ResealingOptions, resealStep, startResealing, tellSealKey } from './reseal.worker';
export { type SealedColumn, sealedColumn, sealedColumnIndex } from './sealed-column';
