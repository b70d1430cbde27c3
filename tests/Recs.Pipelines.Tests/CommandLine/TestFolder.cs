namespace Recs.Pipelines.Tests.CommandLine;

/// <summary>A folder for one test.</summary>
public sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recs-pipelines-");

    public string Path => _folder.FullName;

    public string In(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(In(name), content);
        return In(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
