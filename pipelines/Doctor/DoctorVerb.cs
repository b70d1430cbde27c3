using System.CommandLine;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Doctor;

/// <summary><c>recs doctor</c>: what is found here, what is missing and what to install.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var json = Verb.JsonOption();
        return Verb.Create("doctor", "Says what is found on this machine and what is missing; exit 1 when the demo could not run.", [json], (parsed, _) =>
        {
            List<Finding> findings = [];
            foreach (var finding in MachineParts.Find().Concat(GpuParts.Find()).Concat(NativeParts.Find()).Concat(InstalledParts.Find()))
            {
                findings.Add(finding);
                Console.WriteLine(Line(finding));
            }
            var ready = findings.TrueForAll(finding => finding.Found || !finding.Needed);
            Console.WriteLine(ready ? "doctor: the demo can run here" : "doctor: the demo cannot run here; see the lines that say MISSING");
            Verb.WriteJson(parsed.GetValue(json), new DoctorResult(ready, findings), DoctorJson.Default.DoctorResult);
            return Task.FromResult(ready ? 0 : 1);
        });
    }

    private static string Line(Finding finding)
    {
        var word = finding.Found ? "ok" : finding.Needed ? "MISSING" : "absent";
        return $"{word,-7}  {finding.Part,-17}  {finding.Detail}{(finding.Advice is null ? "" : $"; {finding.Advice}")}";
    }
}
