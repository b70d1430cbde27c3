namespace Recs.Storage.Reports;

/// <summary>Placeholder.</summary>
public sealed class ReportRunner;
/// <summary>Placeholder.</summary>
public sealed class CheckRunner;
