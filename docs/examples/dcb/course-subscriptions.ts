/**
 * Two limits meet in one decision: a course has so many seats, a student at most five courses. The seats are the course's own affair;
 * the student's courses lie in other streams. Both are read, so neither can be overrun (https://dcb.events/examples).
 */

import { z } from 'zod';
import { decider, events, fold, Id, rejection } from '#varve';

const coursesPerStudentMax = 5;

const Seats = z.int().min(1);

/** Every event stands in its course's stream; the student's tag is what makes a subscription findable from the other side. */
export const course = events(
  'course',
  {
    CourseDefined: z.object({ courseId: Id, capacity: Seats }),
    CourseCapacityChanged: z.object({ courseId: Id, newCapacity: Seats }),
    StudentSubscribedToCourse: z.object({ studentId: Id, courseId: Id }),
  },
  {
    tags: {
      CourseDefined: ({ courseId }) => [`course:${courseId}`],
      CourseCapacityChanged: ({ courseId }) => [`course:${courseId}`],
      StudentSubscribedToCourse: ({ studentId, courseId }) => [`student:${studentId}`, `course:${courseId}`],
    },
  },
);

/** A capacity of null: nobody has defined the course. Who sits in it is left to the students' side, so this state stays two numbers. */
const Course = decider(course)
  .starts<{ capacity: number | null; taken: number }>({ capacity: null, taken: 0 })
  .evolves({
    CourseDefined: (state, { capacity }) => ({ ...state, capacity }),
    CourseCapacityChanged: (state, { newCapacity }) => ({ ...state, capacity: newCapacity }),
    StudentSubscribedToCourse: (state) => ({ ...state, taken: state.taken + 1 }),
  });

/** The courses of one student, whatever streams they are in. At most five, so the whole list is kept and answers both questions. */
const CoursesOf = fold('coursesOf', [course])
  .by((studentId) => [`student:${studentId}`])
  .starts<readonly string[]>([])
  .evolves({ StudentSubscribedToCourse: (courses, { courseId }) => [...courses, courseId] });

const CourseExists = rejection('CourseExists', { courseId: Id }, ({ courseId }) => `Course with id "${courseId}" already exists`);
const CourseNotFound = rejection('CourseNotFound', { courseId: Id }, ({ courseId }) => `Course "${courseId}" does not exist`);
const CourseFull = rejection('CourseFull', { courseId: Id }, ({ courseId }) => `Course "${courseId}" is already fully booked`);
const AlreadySubscribed = rejection('AlreadySubscribed', {}, () => 'Student already subscribed to this course');
const TooManyCourses = rejection('TooManyCourses', {}, () => `Student already subscribed to ${coursesPerStudentMax} courses`);

export const defineCourse = Course.command('defineCourse', {
  input: z.object({ courseId: Id, capacity: Seats }),
  stream: ({ courseId }) => courseId,
  refuses: { CourseExists },
  decide: (input, { capacity }, { refuse }) => (capacity === null ? course.CourseDefined(input) : refuse.CourseExists(input)),
});

export const changeCourseCapacity = Course.command('changeCourseCapacity', {
  input: z.object({ courseId: Id, newCapacity: Seats }),
  stream: ({ courseId }) => courseId,
  refuses: { CourseNotFound },
  decide: (input, { capacity }, { refuse }) => {
    if (capacity === null) return refuse.CourseNotFound(input);
    // The wish is fulfilled already: no event, for nothing happened.
    return capacity === input.newCapacity ? [] : course.CourseCapacityChanged(input);
  },
});

export const subscribeStudentToCourse = Course.command('subscribeStudentToCourse', {
  input: z.object({ studentId: Id, courseId: Id }),
  stream: ({ courseId }) => courseId,
  reads: ({ studentId }) => ({ courses: CoursesOf.at(studentId) }),
  refuses: { CourseNotFound, CourseFull, AlreadySubscribed, TooManyCourses },
  decide: (input, { capacity, taken }, { reads: { courses }, refuse }) => {
    if (capacity === null) return refuse.CourseNotFound(input);
    if (taken >= capacity) return refuse.CourseFull(input);
    if (courses.includes(input.courseId)) return refuse.AlreadySubscribed({});
    if (courses.length >= coursesPerStudentMax) return refuse.TooManyCourses({});
    return course.StudentSubscribedToCourse(input);
  },
});
