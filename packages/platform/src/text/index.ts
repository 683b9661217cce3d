export { readReasonText, REASON_LENGTH_MAX, type TextFault, textFault } from './text';
