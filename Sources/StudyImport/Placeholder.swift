// StudyImport
