// HealthRecords
