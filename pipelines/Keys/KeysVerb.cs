using System.CommandLine;
using System.Globalization;
using System.Text;
using Recs.Api.Keys;
using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Keys;

/// <summary><c>recs keys</c>: makes, lists and takes back the keys of the API. The file holds hashes; a key is printed once, when it is made.</summary>
internal static class KeysVerb
{
    public static Command Create(TimeProvider clock)
    {
        var keys = new Command("keys", "Makes, lists and takes back API keys. A server reads the file again within a second.");
        keys.Subcommands.Add(Make(clock));
        keys.Subcommands.Add(List());
        keys.Subcommands.Add(Revoke());
        return keys;
    }

    private static Command Make(TimeProvider clock)
    {
        var file = File();
        var scope = new Option<string[]>("--scope") { Description = "What it may do: rank, events, or admin, which is everything. May be said several times.", Required = true, AllowMultipleArgumentsPerToken = true };
        scope.AcceptOnlyFromAmong("rank", "events", "admin");
        var rate = new Option<int?>("--rate") { Description = "Requests a second, twice as many at once; 0 is no limit. Without it the server's own limit holds.", HelpName = "N" };
        return Verb.Create("create", "Makes a key, adds its hash to the file, and prints the key: it cannot be shown again.", [file, scope, rate], (parsed, _) =>
        {
            if (parsed.GetValue(rate) is < 0 or > 1_000_000) throw new RefusedException($"--rate is {parsed.GetValue(rate)}, range 0 to 1000000");
            var target = parsed.GetValue(file)!;
            var known = target.Exists ? ApiKeyFile.Read(target.FullName) : [];
            if (known.Count == ApiKeyFile.Most) throw new RefusedException($"{target.FullName} has {known.Count} keys, which is the limit; take some back with recs keys revoke");
            var (kept, key) = ApiKey.Create(ApiKeyFile.Scopes(parsed.GetValue(scope)!)!.Value);
            Write(target, [.. known, kept with { Created = Timestamp.Now(clock).ToString(), RequestsPerSecond = parsed.GetValue(rate) }]);
            Console.WriteLine(key);
            return Task.FromResult(0);
        });
    }

    private static Command List()
    {
        var file = File();
        return Verb.Create("list", "Lists the ids, scopes and rates of a file's keys.", [file], (parsed, _) =>
        {
            foreach (var key in ApiKeyFile.Read(parsed.GetValue(file)!.FullName))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key.Id}  {string.Join(',', ApiKeyFile.Words(key.Scopes)),-17}  {(key.RequestsPerSecond is { } rate ? $"{rate}/s" : "-"),-10}  {key.Created}").TrimEnd());
            return Task.FromResult(0);
        });
    }

    private static Command Revoke()
    {
        var file = File();
        var id = new Argument<string>("ID") { Description = "The key's id, as recs keys list tells it: the 8 digits after recs_." };
        var command = Verb.Create("revoke", "Takes a key back.", [file], (parsed, _) =>
        {
            var target = parsed.GetValue(file)!;
            var known = ApiKeyFile.Read(target.FullName);
            var rest = known.Where(key => key.Id != parsed.GetValue(id)).ToList();
            if (rest.Count == known.Count) throw new RefusedException($"{target.FullName} has no key '{parsed.GetValue(id)}'; recs keys list --file {target.FullName} shows them");
            Write(target, rest);
            Console.WriteLine($"taken back: {parsed.GetValue(id)}");
            return Task.FromResult(0);
        });
        command.Arguments.Add(id);
        return command;
    }

    private static Option<FileInfo> File() => new("--file") { Description = "The file of keys, as recs serve --keys takes it.", HelpName = "FILE", Required = true };

    private static void Write(FileInfo target, IEnumerable<ApiKey> keys)
    {
        using var partial = new PartialFile(target);
        partial.Stream.Write(Encoding.UTF8.GetBytes(ApiKeyFile.Text(keys)));
        partial.Keep();
    }
}
