import { Description } from '../../domain/description.ts';
import type { TaskDetails } from '../../domain/task.ts';
import { Title } from '../../domain/title.ts';

/** A task to create, and whether to complete it. */
export interface DemoTask {
  readonly details: TaskDetails;
  readonly completed: boolean;
}

/** Every third demo task is completed. */
const COMPLETED_EVERY = 3;

/** The first demo tasks, always the same. After the last text, the texts start again with the number of the week. */
export function demoTasks(count: number): DemoTask[] {
  return Array.from({ length: count }, (_, index) => {
    const [title, description] = TEXTS[index % TEXTS.length] ?? ['Buy groceries'];
    const week = Math.floor(index / TEXTS.length) + 1;
    return {
      details: {
        title: Title(week === 1 ? title : `${title} (week ${week})`),
        description: description === undefined ? undefined : Description(description),
      },
      completed: index % COMPLETED_EVERY === COMPLETED_EVERY - 1,
    };
  });
}

const TEXTS: readonly (readonly [title: string, description?: string])[] = [
  ['Buy groceries', 'Milk, eggs, bread, tomatoes, coffee'],
  ['Book a dentist appointment'],
  ['Pay the electricity bill', 'The invoice is in the inbox. Due at the end of the month.'],
  ['Plan the team offsite', 'Ask for dates first\nThen compare two venues\nBudget: 2,000 €'],
  ['Review the pull request of Priya', 'Most of it is tests. Look at the migration twice.'],
  ['Renew the passport', 'Needs a new photo'],
  ['Call grandma'],
  ['Write the release notes', 'New: demo tasks. Fixed: three messages that nobody understood.'],
  ['Water the plants'],
  ['Reserve a table at Café Müller', 'Saturday, 19:30, four people'],
  ['Fix the leaking tap', 'The shop closes at six'],
  ['Read chapter 4', 'Summarize it in five sentences'],
  ['Send the invoice for November'],
  ['Order a birthday present 🎁', 'Something for the garden, up to 40 €'],
  ['Back up the photos'],
  ['Prepare the interview questions', 'One exercise, then questions about past projects'],
  ['Take the bicycle to the workshop', 'The rear brake squeals'],
  ['Update the dependencies'],
  ['Cancel the unused subscription', 'The notice period is one month'],
  ['Return the library books', 'Two of them are overdue'],
  ['Clean the kitchen'],
  ['Draft the budget for next year', 'Start from the numbers of this year and add the new hires'],
  ['Go for a run', '5 km, slowly'],
  ['Answer the letter of the landlord'],
  ['Try the recipe of Amir', 'Lentils, spinach, lemon; enough for two days'],
  ['Translate the sign-up page', '日本語 and العربية first'],
  ['Sort the receipts for the tax return'],
  ['Check the smoke detectors', 'Replace the batteries that are older than a year'],
  ['Thank Luis for his help'],
  ['Learn ten new words', 'And repeat those of yesterday'],
];
